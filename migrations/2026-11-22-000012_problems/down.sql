DROP TABLE unregistered_ignored;
DROP TABLE problem_snoozes;
