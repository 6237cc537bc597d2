-- Version 1. One row is one fact; nothing is ever changed or deleted.
CREATE TABLE facts (
    id     INTEGER PRIMARY KEY,             -- the order of all facts
    stream TEXT    NOT NULL,                -- 'participant/<subject id>' or 'game/<game id>'
    at     INTEGER NOT NULL,                -- milliseconds since 1970, the service's clock
    fact   TEXT    NOT NULL,                -- the kind of fact
    body   TEXT    NOT NULL,                -- the fact as JSON
    steps  BLOB                             -- of 'steps_accepted': the steps as MessagePack
) STRICT;
CREATE INDEX facts_by_stream ON facts (stream, id);
