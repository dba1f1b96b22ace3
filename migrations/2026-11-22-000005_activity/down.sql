DROP TABLE events;
DROP TABLE activity;
