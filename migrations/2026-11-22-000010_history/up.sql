-- Figures over time at three resolutions. One row holds all metrics of one subject over one step, as arrays of the same
-- length: a chart with six lines reads one row per step, and a row's fixed cost is paid once. No row is a gap.
-- Partitions are made ahead by the server and dropped when they are too old; the default ones take what fits nowhere.
CREATE TABLE history_1m (
    -- `cluster`, `region:ID`, `node:ID`, `frontend:ID`.
    subject text COLLATE "C" NOT NULL,
    bucket  timestamptz NOT NULL,
    metrics int2[] NOT NULL,
    mins    float4[] NOT NULL,
    avgs    float4[] NOT NULL,
    maxs    float4[] NOT NULL,
    -- How many samples each metric rests on, one every 10 s.
    samples int2[] NOT NULL,
    PRIMARY KEY (subject, bucket)
) PARTITION BY RANGE (bucket);
CREATE TABLE history_1m_default PARTITION OF history_1m DEFAULT;
-- Rows come in the order of time, so a few bytes per megabyte find those of a quarter of an hour.
CREATE INDEX history_1m_bucket ON history_1m USING brin (bucket) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE history_15m (LIKE history_1m, PRIMARY KEY (subject, bucket)) PARTITION BY RANGE (bucket);
CREATE TABLE history_15m_default PARTITION OF history_15m DEFAULT;
CREATE INDEX history_15m_bucket ON history_15m USING brin (bucket) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE history_1h (LIKE history_1m, PRIMARY KEY (subject, bucket)) PARTITION BY RANGE (bucket);
CREATE TABLE history_1h_default PARTITION OF history_1h DEFAULT;
