-- One row a request, kept until its result is old; what is yet to be told of it waits in `events`.
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    request TEXT NOT NULL,
    priority INTEGER NOT NULL,
    replies TEXT NOT NULL DEFAULT '[]',
    state TEXT NOT NULL DEFAULT 'waiting',
    stop TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    worker TEXT,
    submitted REAL NOT NULL,
    start_by REAL,
    end_by REAL,
    started REAL,
    beat REAL,
    stopped REAL,
    finished REAL,
    outcome TEXT,
    told INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS jobs_in_line ON jobs (state, kind, priority DESC, number);
CREATE INDEX IF NOT EXISTS jobs_to_answer ON jobs (finished) WHERE told = 0 AND outcome IS NOT NULL;
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    more TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_of_job ON events (kind, id);
CREATE TABLE IF NOT EXISTS clock (boot TEXT NOT NULL, at REAL NOT NULL, wall REAL NOT NULL);
