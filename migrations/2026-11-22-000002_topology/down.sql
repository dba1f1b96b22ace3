DROP TABLE node_secrets;
DROP TABLE nodes;
DROP TABLE regions;
DROP TABLE platform;
