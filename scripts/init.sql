-- init.sql - the accounts of v2m on MySQL (8 or later) or MariaDB (10.3 or
-- later), for those who would rather run SQL themselves:
--
--	mariadb < init.sql
--
-- v2m-init with users = mysql://... does the same, and more: it also upgrades
-- a table that another service made.  Safe to repeat.

CREATE DATABASE IF NOT EXISTS auth
	CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
USE auth;

-- The columns behind the third are invisible, where the server is new enough for
-- that, to SELECT * and to an INSERT without names of columns.  email_normal is
-- how v2m compares addresses: trimmed, and in the lower case of ASCII.  LOWER()
-- would fold other letters too.
CREATE TABLE IF NOT EXISTS user (
	id INT AUTO_INCREMENT PRIMARY KEY,
	email VARCHAR(255) NOT NULL UNIQUE,
	password VARCHAR(255) NOT NULL,
	role ENUM('user', 'admin') NOT NULL DEFAULT 'user'
		/*!80023 INVISIBLE */ /*M!100303 INVISIBLE */,
	created_ms BIGINT NOT NULL DEFAULT 0
		/*!80023 INVISIBLE */ /*M!100303 INVISIBLE */,
	tokens_valid_from BIGINT NOT NULL DEFAULT 0
		/*!80023 INVISIBLE */ /*M!100303 INVISIBLE */,
	email_normal VARCHAR(255) GENERATED ALWAYS AS (
		TRIM(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
		REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
		REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
		REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
		REPLACE(CONVERT(email USING utf8mb4) COLLATE utf8mb4_bin,
		'A', 'a'), 'B', 'b'), 'C', 'c'), 'D', 'd'), 'E', 'e'),
		'F', 'f'), 'G', 'g'), 'H', 'h'), 'I', 'i'), 'J', 'j'),
		'K', 'k'), 'L', 'l'), 'M', 'm'), 'N', 'n'), 'O', 'o'),
		'P', 'p'), 'Q', 'q'), 'R', 'r'), 'S', 's'), 'T', 't'),
		'U', 'u'), 'V', 'v'), 'W', 'w'), 'X', 'x'), 'Y', 'y'),
		'Z', 'z'), '\t', ' '), '\n', ' '), '\r', ' '))) STORED
		/*!80023 INVISIBLE */ /*M!100303 INVISIBLE */,
	KEY email_normal (email_normal)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What the commands need of it, so that each machine may have an account of
-- its own with no more (choose hosts and passwords):
--
-- v2m-login, the gateway, and all that checks a token:
--	GRANT SELECT ON auth.user TO v2m_login@'%';
-- the same with legacy_passwords = upgrade:
--	GRANT SELECT, UPDATE ON auth.user TO v2m_login@'%';
-- v2m-user:
--	GRANT SELECT, INSERT, UPDATE, DELETE ON auth.user TO v2m_admin@'%';
-- v2m-init:
--	GRANT ALL ON auth.* TO v2m_admin@'%';
