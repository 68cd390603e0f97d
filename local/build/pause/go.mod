module alys.example/build/pause

go 1.21
