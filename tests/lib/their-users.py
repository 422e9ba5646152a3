"""The table of users, as existing login services use it.

    their-users.py PORT DATABASE login EMAIL PASSWORD     "ok", or their refusal
    their-users.py PORT DATABASE insert EMAIL PASSWORD
    their-users.py PORT DATABASE crowd N      insert N, print how many went in
"""
import sys

import MySQLdb


def login(cursor, email, password):
    found = cursor.execute(
        "SELECT email, password FROM user WHERE email=%s", (email,))
    if found == 0:
        return "invalid credentials"
    row = cursor.fetchone()
    if row[0] != email or row[1] != password:
        return "invalid credentials"
    return "ok"


def insert(cursor, email, password):
    cursor.execute("INSERT INTO user (email, password) VALUES (%s, %s)",
                   (email, password))


def main(port, database, what, *arguments):
    db = MySQLdb.connect(host="127.0.0.1", port=int(port), user="theirs",
                         passwd="auth123", db=database, charset="utf8mb4")
    db.autocommit(True)
    cursor = db.cursor()
    if what == "login":
        print(login(cursor, *arguments))
    elif what == "insert":
        insert(cursor, *arguments)
    else:
        for i in range(int(arguments[0])):
            insert(cursor, "crowd%d@example.org" % i, "plain %d" % i)
        print(int(arguments[0]))


main(*sys.argv[1:])
