-- A role that can read a ledger and nothing else: for `runledger list`, `serve`, `sql`, psql, pandas, Grafana.
--
--     psql -v ledger=runledger -v owner=runledger -v reader=runledger_reader -d DATABASE -f read-only-role.sql
--
-- as the owner of the ledger, or as a superuser. ledger is the name in currentSchema, owner the role as which the service
-- connects, reader the new role. It gets no password here; give it one with \password, or a line in pg_hba.conf. What a
-- rebuild makes later can be read by it, too. Run it again whenever you like.
\set ON_ERROR_STOP on
\if :{?ledger} \else \set ledger runledger \endif
\if :{?owner}  \else \set owner runledger \endif
\if :{?reader} \else \set reader runledger_reader \endif

SELECT format('CREATE ROLE %I LOGIN', :'reader')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'reader') \gexec

-- Whatever it is asked to do: each of its transactions only reads, and none runs for hours.
ALTER ROLE :"reader" SET default_transaction_read_only = on;
ALTER ROLE :"reader" SET statement_timeout = '5min';
ALTER ROLE :"reader" SET idle_in_transaction_session_timeout = '10min';

-- What is there: the schema of the ledger's name, and its generations.
SELECT format('GRANT USAGE ON SCHEMA %I TO %I', nspname, :'reader'),
       format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', nspname, :'reader')
  FROM pg_namespace
 WHERE nspname = :'ledger' OR nspname ~ ('^' || :'ledger' || '_g[0-9]{6,}$') \gexec

-- What comes: the next generation, and the views over it.
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE ON SCHEMAS TO :"reader";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT ON TABLES TO :"reader";
