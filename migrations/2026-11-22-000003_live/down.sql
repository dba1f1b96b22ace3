DROP TABLE rejections;
DROP TABLE node_live;
