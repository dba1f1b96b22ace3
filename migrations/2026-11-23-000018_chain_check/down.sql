DROP TABLE activity_check;
