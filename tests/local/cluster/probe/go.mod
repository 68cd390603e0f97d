module alys.example/tests/probe

go 1.21
