DROP TABLE history_1h;
DROP TABLE history_15m;
DROP TABLE history_1m;
