-- Functions of a generation: what the views and the read side need, and those of SQLite's functions that statements of
-- users have most often, so that one text runs on both stores. None raises for anything that a job may have written,
-- none reads a table, and none changes anything. Those that a statement calls for each row are one expression, which
-- the planner puts in their place; an index on the expression is then found, too. Those that call others of these have
-- a body that is bound when it is made (RETURN): views that use them are read with any search_path.

-- ---------------------------------------------------------------- SQLite's, for statements of both stores

CREATE OR REPLACE FUNCTION ifnull(anycompatible, anycompatible) RETURNS anycompatible
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT coalesce($1, $2)';

CREATE OR REPLACE FUNCTION iif(boolean, anycompatible, anycompatible) RETURNS anycompatible
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CASE WHEN $1 THEN $2 ELSE $3 END';

CREATE OR REPLACE FUNCTION instr(text, text) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT strpos($1, $2)';

CREATE OR REPLACE FUNCTION max(anycompatible, anycompatible) RETURNS anycompatible
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE greatest($1, $2) END';

CREATE OR REPLACE FUNCTION max(anycompatible, anycompatible, anycompatible) RETURNS anycompatible
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS 'SELECT CASE WHEN $1 IS NULL OR $2 IS NULL OR $3 IS NULL THEN NULL ELSE greatest($1, $2, $3) END';

CREATE OR REPLACE FUNCTION min(anycompatible, anycompatible) RETURNS anycompatible
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE least($1, $2) END';

CREATE OR REPLACE FUNCTION hex(bytea) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT upper(encode($1, 'hex')) $$;

-- A sum as a number with a fraction, which is 0 of no rows.
CREATE OR REPLACE AGGREGATE total(double precision) (
  sfunc = float8pl, stype = double precision, initcond = '0', combinefunc = float8pl, parallel = safe
);

-- How many of the rows it is true of, as SQLite sums up a comparison.
CREATE OR REPLACE FUNCTION add_truth(bigint, boolean) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT CASE WHEN $2 THEN $1 + 1 ELSE $1 END';
CREATE OR REPLACE AGGREGATE sum(boolean) (
  sfunc = add_truth, stype = bigint, initcond = '0', combinefunc = int8pl, parallel = safe
);

CREATE OR REPLACE FUNCTION add_text(text, text, text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS 'SELECT CASE WHEN $2 IS NULL THEN $1 WHEN $1 IS NULL THEN $2 ELSE $1 || $3 || $2 END';
CREATE OR REPLACE FUNCTION add_text(text, text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE WHEN $2 IS NULL THEN $1 WHEN $1 IS NULL THEN $2 ELSE $1 || ',' || $2 END $$;
CREATE OR REPLACE AGGREGATE group_concat(text) (sfunc = add_text, stype = text, parallel = safe);
CREATE OR REPLACE AGGREGATE group_concat(text, text) (sfunc = add_text, stype = text, parallel = safe);

-- ---------------------------------------------------------------- numbers

-- The nearest whole number of 64 bits.
CREATE OR REPLACE FUNCTION saturated(double precision) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
         WHEN $1 >=  9223372036854775807 THEN  9223372036854775807
         WHEN $1 <= -9223372036854775808 THEN -9223372036854775808
         ELSE CAST($1 AS bigint)
       END
$$;

-- NULL for NaN: what people see of a value.
CREATE OR REPLACE FUNCTION seen(double precision) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT nullif($1, 'NaN') $$;

-- ---------------------------------------------------------------- times

-- Stable where PostgreSQL says so of its own functions, so that the planner can put each in its place.

-- Microseconds since 1970 as YYYY-MM-DD HH:MM:SS in UTC, cut to the second towards 1970; NULL in a year that four digits
-- do not hold.
CREATE OR REPLACE FUNCTION utc_text(bigint) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE
         WHEN $1 BETWEEN -62135596800999999 AND 253402300799999999
         THEN to_char(timestamp '1970-01-01' + ($1 / 1000000) * interval '1 second', 'YYYY-MM-DD HH24:MI:SS')
         -- The year 0 is the leap year of 400 years later, which PostgreSQL can write.
         WHEN $1 BETWEEN -62167219200999999 AND -62135596801000000
         THEN overlay(to_char(timestamp '1970-01-01' + ($1 / 1000000 + 12622780800) * interval '1 second',
                              'YYYY-MM-DD HH24:MI:SS') PLACING '0000' FROM 1 FOR 4)
       END
$$;

-- Microseconds since 1970 as an instant; NULL where PostgreSQL has none.
CREATE OR REPLACE FUNCTION instant(bigint) RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE
         WHEN $1 >= -210866803200000000
         THEN timestamptz '1970-01-01 00:00:00+00'
              + ($1 / 1000000) * interval '1 second' + ($1 % 1000000) * interval '1 microsecond'
       END
$$;

-- Seconds since 1970 of a text YYYY-MM-DD HH:MM:SS in UTC; NULL of any other text.
CREATE OR REPLACE FUNCTION unixepoch(text) RETURNS bigint
  LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE
         WHEN $1 !~ '^\d{4}-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d$' THEN NULL
         -- The year 0 again, by the same way back.
         WHEN $1 LIKE '0000%'
         THEN CAST(extract(epoch FROM CAST('0400' || substr($1, 5) AS timestamp)) AS bigint) - 12622780800
         ELSE CAST(extract(epoch FROM CAST($1 AS timestamp)) AS bigint)
       END
$$;

-- A text YYYY-MM-DD HH:MM:SS in UTC as an instant; NULL of any other text.
CREATE OR REPLACE FUNCTION instant(text) RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT CASE
         WHEN $1 ~ '^\d{4}-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d$' AND $1 NOT LIKE '0000%'
         THEN CAST($1 || '+00' AS timestamptz)
       END
$$;

-- SQLite's formats %Y %m %d %H %M %S %s, of a text or of seconds since 1970.
CREATE OR REPLACE FUNCTION strftime(format text, text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE RETURN replace(replace(replace(replace(replace(replace(replace(format,
         '%Y', substr($2, 1, 4)), '%m', substr($2, 6, 2)), '%d', substr($2, 9, 2)), '%H', substr($2, 12, 2)),
         '%M', substr($2, 15, 2)), '%S', substr($2, 18, 2)), '%s', CAST(unixepoch($2) AS text));
CREATE OR REPLACE FUNCTION strftime(format text, seconds bigint, unixepoch text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE RETURN strftime($1, utc_text($2 * 1000000));
CREATE OR REPLACE FUNCTION datetime(text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE RETURN utc_text(unixepoch($1) * 1000000);
CREATE OR REPLACE FUNCTION datetime(seconds bigint, unixepoch text) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE RETURN utc_text($1 * 1000000);

-- ---------------------------------------------------------------- JSON

CREATE OR REPLACE FUNCTION json_valid(json) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT $1 IS NOT NULL';

-- The same without what JSON can name and a text cannot hold: U+0000, and halves of a pair, which stand for no sign.
CREATE OR REPLACE FUNCTION readable(json) RETURNS json
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE
         WHEN strpos(CAST($1 AS text), '\u') = 0 THEN $1
         ELSE CAST(regexp_replace(regexp_replace(CAST($1 AS text),
                '(?<!\\)((?:\\\\)*)(\\u0000|\\u[dD][cC-fF][0-9a-fA-F]{2}(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][cC-fF][0-9a-fA-F]{2}))',
                '\1\\ufffd', 'g'),
                '(?<!\\)((?:\\\\)*)\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][cC-fF][0-9a-fA-F]{2})',
                '\1\\ufffd', 'g') AS json)
       END;

-- Without white space between the signs.
CREATE OR REPLACE FUNCTION compact(json) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT regexp_replace(CAST($1 AS text), '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') $$;

-- Of a decimal: the double nearest to it, or the whole number of 64 bits that it is.
CREATE OR REPLACE FUNCTION rounded_number(text) RETURNS numeric
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  exact numeric;
  power text := substring($1 FROM '[eE]\+?(-?\d+)$');
BEGIN
  IF $1 !~ '[1-9].*([eE]|$)' OR $1 ~ '^-?[0.]+([eE].*)?$' THEN
    RETURN 0;
  END IF;
  IF length(ltrim(power, '-0')) > 5 OR length($1) > 100000 THEN
    RETURN CASE WHEN power LIKE '-%' THEN 0 WHEN $1 LIKE '-%' THEN numeric '-Infinity' ELSE numeric 'Infinity' END;
  END IF;
  IF CAST(coalesce(power, '0') AS integer) NOT BETWEEN -16000 AND 100000 THEN
    RETURN CASE WHEN power LIKE '-%' THEN 0 WHEN $1 LIKE '-%' THEN numeric '-Infinity' ELSE numeric 'Infinity' END;
  END IF;
  exact := CAST($1 AS numeric);
  IF $1 ~ '^-?\d+$' AND exact BETWEEN -9223372036854775808 AND 9223372036854775807 THEN
    RETURN exact;
  END IF;
  IF abs(exact) >= 1.797693134862315807937e308 THEN
    RETURN CASE WHEN exact < 0 THEN numeric '-Infinity' ELSE numeric 'Infinity' END;
  END IF;
  IF abs(exact) <= 2.4703282292062327e-324 THEN
    RETURN 0;
  END IF;
  RETURN CAST(CAST(CAST($1 AS double precision) AS text) AS numeric);
END
$$;

-- A number of JSON as SQLite has it: one without a fraction exactly where 64 bits hold it, any other as the nearest
-- double, of which this is the shortest decimal. NULL of what is not a number.
CREATE OR REPLACE FUNCTION json_number(json) RETURNS numeric
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE
         WHEN json_typeof($1) IS DISTINCT FROM 'number' THEN NULL
         -- Of so few digits the decimal and its double are in the same order, and this is most of them.
         WHEN CAST($1 AS text) ~ '^-?\d{1,8}(\.\d{1,7})?([eE][+-]?\d\d?)?$' THEN CAST(CAST($1 AS text) AS numeric)
         ELSE rounded_number(btrim(CAST($1 AS text), E' \t\r\n'))
       END;

-- The text that a value of JSON is: a text without its quotes, anything else as JSON.
CREATE OR REPLACE FUNCTION json_text(json) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE WHEN json_typeof($1) IN ('object', 'array') THEN compact($1) ELSE $1 #>> '{}' END;

-- SQLite's names of kinds.
CREATE OR REPLACE FUNCTION json_type(json) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE json_typeof($1)
         WHEN 'string'  THEN 'text'
         WHEN 'boolean' THEN CAST($1 AS text)
         WHEN 'number'  THEN CASE WHEN CAST($1 AS text) ~ '[.eE]' THEN 'real' ELSE 'integer' END
         ELSE json_typeof($1)
       END
$$;

-- The steps of a path of SQLite: $.a."b c"[0] is {a,b c,0}.
CREATE OR REPLACE FUNCTION json_path(text) RETURNS text[]
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT coalesce(array_agg(coalesce(step[1], step[2], step[3]) ORDER BY place), '{}')
  FROM regexp_matches(substr($1, 2), '\."([^"]*)"|\.([^.\[]+)|\[(\d+)\]', 'g') WITH ORDINALITY AS steps (step, place)
$$;

CREATE OR REPLACE FUNCTION json_extract(json, path text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
SELECT CASE WHEN json_typeof(found) <> 'null' THEN json_text(found) END
  FROM (SELECT readable($1) #> json_path(path) AS found) f
);
CREATE OR REPLACE FUNCTION json_type(json, path text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN json_type(readable($1) #> json_path(path));

-- The values in a configuration, with their names as SQLite's json_tree has them behind "$.": a name with a sign that is
-- neither a letter nor a digit, - or _ is in quotes. Of what lies in a list, the plain values alone.
CREATE OR REPLACE FUNCTION json_names(json) RETURNS TABLE (name text)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20 AS $$
WITH RECURSIVE tree (name, value, in_list) AS (
  SELECT CAST(NULL AS text), readable($1), false
   UNION ALL
  SELECT coalesce(t.name || CASE WHEN e.in_list THEN '' ELSE '.' END, '') || e.step, e.value, e.in_list
    FROM tree t
   CROSS JOIN LATERAL (
           SELECT CASE WHEN key ~ '^[A-Za-z0-9_-]+$' THEN key ELSE CAST(to_json(key) AS text) END AS step, value, false AS in_list
             FROM json_each(CASE WHEN json_typeof(t.value) = 'object' THEN t.value ELSE '{}' END)
            UNION ALL
           SELECT '[' || (place - 1) || ']', value, true
             FROM json_array_elements(CASE WHEN json_typeof(t.value) = 'array' THEN t.value ELSE '[]' END)
                  WITH ORDINALITY AS element (value, place)) e
   WHERE NOT t.in_list AND coalesce(t.name, '') NOT LIKE '%]%'
)
SELECT tree.name
  FROM tree
 WHERE tree.name IS NOT NULL AND json_typeof(value) NOT IN ('object', 'array')
$$;
