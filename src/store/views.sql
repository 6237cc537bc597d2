-- What people ask of the record, in words of SQL. Nothing is stored here: everything follows from `facts`.
-- Times ending in `_at` are milliseconds since 1970, as in `facts`.

CREATE VIEW participants AS
SELECT substr(stream, 13) AS subject,
       at AS created_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS created_utc,
       json_extract(body, '$.parameters') AS parameters,
       json_extract(body, '$.browser.user_agent') AS user_agent
FROM facts WHERE fact = 'participant_created';

CREATE VIEW visits AS
SELECT substr(stream, 13) AS subject,
       json_extract(body, '$.visit') AS visit,
       json_extract(body, '$.scene') AS scene,
       at AS entered_at
FROM facts WHERE fact = 'scene_entered';

CREATE VIEW codes AS
SELECT substr(stream, 13) AS subject,
       json_extract(body, '$.visit') AS visit,
       json_extract(body, '$.reason') AS reason,
       json_extract(body, '$.code') AS code,
       at AS issued_at
FROM facts WHERE fact = 'dismissed';

CREATE VIEW games AS
SELECT substr(first.stream, 6) AS game,
       json_extract(first.body, '$.scene') AS scene,
       json_extract(first.body, '$.seed') AS seed,
       first.at AS began_at,
       last.at AS ended_at,
       coalesce(json_extract(last.body, '$.outcome'), json_extract(last.body, '$.reason')) AS outcome
FROM facts AS first
LEFT JOIN facts AS last ON last.id =
    (SELECT min(id) FROM facts AS ends WHERE ends.stream = first.stream AND ends.fact IN ('game_ended', 'ended'))
WHERE first.fact IN ('game_opened', 'game_matched');

CREATE VIEW players AS
SELECT substr(stream, 6) AS game,
       seats.key AS agent,
       seats.value AS subject,
       json_extract(body, '$.visit') AS visit
FROM facts, json_each(body, '$.players') AS seats WHERE fact = 'game_opened'
UNION ALL
SELECT substr(stream, 6),
       json_extract(seats.value, '$.agent'),
       json_extract(seats.value, '$.player.subject'),
       json_extract(seats.value, '$.player.visit')
FROM facts, json_each(body, '$.seats') AS seats WHERE fact = 'game_matched';

CREATE VIEW episodes AS
SELECT substr(stream, 6) AS game,
       json_extract(body, '$.episode') AS episode,
       sum(CASE fact WHEN 'steps_accepted' THEN json_extract(body, '$.count') ELSE 0 END) AS steps,
       sum(CASE fact WHEN 'frames_confirmed' THEN json_extract(body, '$.count') ELSE 0 END) AS frames,
       max(fact IN ('episode_ended', 'episode_over')) AS complete,
       min(at) AS began_at,
       max(at) AS last_at
FROM facts WHERE fact IN ('steps_accepted', 'frames_confirmed', 'episode_ended', 'episode_over')
GROUP BY stream, json_extract(body, '$.episode');

CREATE VIEW waiting AS
SELECT substr(stream, 7) AS scene,
       at,
       fact,
       json_extract(body, '$.subject') AS subject,
       json_extract(body, '$.proposal') AS proposal
FROM facts WHERE stream LIKE 'scene/%' AND fact <> 'game_made';
