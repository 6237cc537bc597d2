-- Version 3. One row is one fact; nothing is ever changed or deleted.
CREATE TABLE facts (
    id     INTEGER PRIMARY KEY,             -- the order of all facts
    stream TEXT    NOT NULL,                -- 'participant/<subject id>', 'game/<game id>', 'scene/<scene id>' or 'study'
    at     INTEGER NOT NULL,                -- milliseconds since 1970, the service's clock
    fact   TEXT    NOT NULL,                -- the kind of fact
    body   TEXT    NOT NULL,                -- the fact as JSON
    payload BLOB                            -- what belongs to it: steps or frames as MessagePack, or a state
) STRICT;
CREATE INDEX facts_by_stream ON facts (stream, id);
