module alys.example/tests/task

go 1.21
