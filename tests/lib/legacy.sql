-- The database of an existing deployment, written for the tests: the table in
-- the shape that their login service reads, in the server's own character set,
-- and rows as people type them.
CREATE DATABASE legacy CHARACTER SET latin1;
USE legacy;
CREATE TABLE user (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	email VARCHAR(255) NOT NULL UNIQUE,
	password VARCHAR(255) NOT NULL
);
INSERT INTO user (email, password) VALUES
	('georgio@email.com', 'Admin123'),
	('Ann@Example.ORG', 'correct horse'),
	('  bob@example.org', 'battery staple'),
	('andré@example.org', 'Gruß und Kuss'),
	('carol@example.org', '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1'),
	('georgio', 'no address'),
	(' DORA@example.org', 'second'),
	('dora@example.org', 'first');
