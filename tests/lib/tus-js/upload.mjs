/* upload.mjs - tus-js-client as its users have it.
 *
 * usage: TUS_JS=FOLDER TOKEN=... node upload.mjs [OPTION...] URL FILE
 *
 *	--kept FILE	where it keeps what is unfinished, and finds it again
 *	--piece BYTES	of a PATCH; else all in one
 *	--stop-at BYTES	stop (SIGSTOP) when the server has so many
 *	--terminate	take the upload back after its first piece
 *
 * FOLDER is where npm put the client.  Prints "id ID", "at OFFSET" when it asks
 * how far it got, "retry STATUS" for each failure after which it tries again,
 * and "done", "gone", or "error STATUS TEXT".
 */
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const require = createRequire(path.join(process.env.TUS_JS, 'package.json'));
const tus = require('tus-js-client');

const { values: opt, positionals: [endpoint, file] } = parseArgs({
	allowPositionals: true,
	options: {
		'kept': { type: 'string' },
		'piece': { type: 'string' },
		'stop-at': { type: 'string' },
		'terminate': { type: 'boolean' },
	},
});

const say = (...words) => fs.writeSync(1, words.join(' ') + '\n');
let stopAt = Number(opt['stop-at'] || Infinity);

const upload = new tus.Upload(fs.createReadStream(file), {
	endpoint,
	headers: { Authorization: `Bearer ${process.env.TOKEN}` },
	metadata: { filename: path.basename(file), filetype: 'video/mp4' },
	chunkSize: opt.piece ? Number(opt.piece) : Infinity,
	retryDelays: [100, 300, 1000, 3000, 3000, 3000, 3000, 3000, 3000],
	urlStorage: opt.kept ? new tus.FileUrlStorage(opt.kept) : undefined,
	storeFingerprintForResuming: Boolean(opt.kept),
	removeFingerprintOnSuccess: true,
	onUploadUrlAvailable() {
		say('id', path.posix.basename(upload.url));
	},
	onAfterResponse(request, response) {
		if (request.getMethod() === 'HEAD')
			say('at', response.getHeader('Upload-Offset') || '-');
	},
	onShouldRetry(error) {
		const answer = error.originalResponse;
		const status = answer ? answer.getStatus() : 0;
		const again = status < 400 || status >= 500 ||
		    [409, 423, 429].includes(status);
		if (again)
			say('retry', status);
		return again;
	},
	onChunkComplete(size, accepted, total) {
		if (opt.terminate)
			upload.abort(true).then(() => say('gone'));
		if (accepted < stopAt)
			return;
		stopAt = Infinity;
		say('stopped', accepted);
		process.kill(process.pid, 'SIGSTOP');
	},
	onSuccess() {
		say('done');
	},
	onError(error) {
		const answer = error.originalResponse;
		say('error', answer ? answer.getStatus() : 0,
		    answer ? answer.getBody().trim() : error.message);
		process.exitCode = 1;
	},
});

if (opt.kept) {
	const before = await upload.findPreviousUploads();
	if (before.length > 0)
		upload.resumeFromPreviousUpload(before[0]);
}
upload.start();
