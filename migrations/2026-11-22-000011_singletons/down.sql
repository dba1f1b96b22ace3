DROP TABLE frontend_nodes;
DROP TABLE job_runs;
