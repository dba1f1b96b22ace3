DROP TABLE drains;
DROP TABLE commands;
ALTER TABLE nodes DROP COLUMN intent_on_deadline, DROP COLUMN intent_deadline;
ALTER TABLE regions DROP COLUMN intent_on_deadline, DROP COLUMN intent_deadline;
ALTER TABLE platform DROP COLUMN intent_on_deadline, DROP COLUMN intent_deadline;
