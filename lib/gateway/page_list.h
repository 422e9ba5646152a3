/* page_list.h - the files of the web page, each once: PAGE(SYMBOL, PATH, FILE,
 * TYPE), where the file is in page/.  Whoever includes it says what PAGE makes
 * of them; so it has no guard. */
PAGE(index, "/", "index.html", "text/html; charset=utf-8")
PAGE(api, "/api.js", "api.js", "text/javascript; charset=utf-8")
PAGE(app, "/app.js", "app.js", "text/javascript; charset=utf-8")
PAGE(desk, "/desk.js", "desk.js", "text/javascript; charset=utf-8")
PAGE(dialog, "/dialog.js", "dialog.js", "text/javascript; charset=utf-8")
PAGE(film, "/film.js", "film.js", "text/javascript; charset=utf-8")
PAGE(format, "/format.js", "format.js", "text/javascript; charset=utf-8")
PAGE(icon, "/icon.svg", "icon.svg", "image/svg+xml")
PAGE(id3, "/id3.js", "id3.js", "text/javascript; charset=utf-8")
PAGE(news, "/news.js", "news.js", "text/javascript; charset=utf-8")
PAGE(player, "/player.js", "player.js", "text/javascript; charset=utf-8")
PAGE(row, "/row.js", "row.js", "text/javascript; charset=utf-8")
PAGE(settings, "/settings.js", "settings.js", "text/javascript; charset=utf-8")
PAGE(style, "/style.css", "style.css", "text/css; charset=utf-8")
PAGE(upload, "/upload.js", "upload.js", "text/javascript; charset=utf-8")
PAGE(words, "/words.js", "words.js", "text/javascript; charset=utf-8")
