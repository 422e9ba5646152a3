/* words.js - every text of the page, and nothing else.
 *
 * What index.html marks with data-t="KEY" gets its text from here; so do the
 * scripts.  Numbers, sizes and times come in as text (format.js).
 */
export const T = {
	/* Logging in and out. */
	gateTitle: 'Videos in, MP3s out',
	gateLead: 'Log in to turn your videos into MP3s.',
	email: 'E-mail address',
	password: 'Password',
	logIn: 'Log in',
	logOut: 'Log out',
	titleGate: 'Log in: v2m',
	titleDesk: 'Your files: v2m',
	loggedInAs: (who) => `You are logged in as ${who}.`,
	loggedOut: 'You are logged out.',
	wantsAddress: 'Please enter your e-mail address.',
	wantsPassword: 'Please enter your password.',
	wrongPassword: 'This address and password do not belong together.',
	tooMany: 'Too many attempts. Please try again later.',
	tooManyFor: (time) => `Too many attempts. Please try again in ${time}.`,
	busy: 'The server is busy. Please try again in a moment.',
	ownToken: 'The server does not accept its own token. Please tell ' +
	    'its administrator.',
	sessionOver: 'Your session is over. Please log in again.',
	leaveAsk: 'Log out?',
	leaveOne: 'An upload is not finished; it would be cancelled.',
	leaveMany: (n) => `${n} uploads are not finished; they would be ` +
	    'cancelled.',

	/* The account. */
	starting: 'Loading …',
	changePassword: 'Change the password',
	changeText: 'All other sessions of yours end by this.',
	changeIt: 'Change',
	oldPassword: 'Present password',
	newPassword: 'New password',
	againPassword: 'New password once more',
	wantsOld: 'Please enter your present password.',
	wantsNew: 'Please enter a new password.',
	notTheSame: 'The new passwords differ.',
	wrongOld: 'This is not your present password.',
	passwordChanged: 'Your password is changed.',
	passwordElsewhere: 'Your password was changed in another tab. Please ' +
	    'log in again.',
	leftElsewhere: 'You logged out in another tab.',

	/* Errors that no server has words for. */
	noServer: 'The server cannot be reached.',
	cut: 'The connection broke.',
	nonsense: 'The server\'s answer makes no sense.',
	statusOnly: (n) => `The server answered with status ${n}.`,
	tryingAgain: 'Trying again.',
	tryingAgainIn: (time) => `Trying again in ${time}.`,

	/* Adding files. */
	deskTitle: 'Your videos and MP3s',
	dropTitle: 'Add videos',
	dropHere: 'Drop them here, or',
	choose: 'choose files',
	accepted: 'Videos and sound files of nearly every kind, with sound ' +
	    'in them.',
	acceptedUpTo: (size) => 'Videos and sound files of nearly every ' +
	    `kind, with sound in them, up to ${size} each.`,
	resumes: 'Uploads go on by themselves after a broken connection, as ' +
	    'long as this page stays open.',
	adding: (n) => n === 1 ? '1 file is being uploaded.' :
	    `${n} files are being uploaded.`,
	waitingForYou: (n) => n === 1 ? '1 file waits for you to upload it.' :
	    `${n} files wait for you to upload them.`,
	uploadAll: (n) => n === 1 ? 'Upload 1 file' : `Upload ${n} files`,

	/* Settings. */
	settings: 'Settings',
	settingsNext: 'Settings of the next files',
	settingsOf: (name) => `Settings of ${name}`,
	settingsSaved: (name) => `The settings of ${name} are changed.`,
	look: 'Wait before each upload, so that I can change the settings of ' +
	    'single files',
	save: 'Save',
	preset: 'Preset',
	presets: {
		standard: 'Everything (standard)',
		music: 'Music',
		speech: 'Speech',
		podcast: 'Podcast',
		own: 'Settings of my own',
	},
	sound: 'Quality',
	variable: 'Size as the sound needs it (variable bit rate)',
	constant: 'Always the same bit rate',
	quality: (n) => ({ 0: 'V0, best', 2: 'V2, standard', 4: 'V4, smaller',
	    9: 'V9, smallest' })[n] || `V${n}`,
	bitrate: (n) => `${n} kbit/s`,
	loudness: 'Loudness in LUFS',
	loudnessHint: 'From -50 to -5; podcasts have -16. Empty: as it is.',
	mono: 'One channel (mono)',
	lang: 'Language',
	langHint: 'Of films with several, such as de, en: the first that ' +
	    'there is.',
	track: 'Track',
	trackHint: 'Such as 2; 1+2 makes a pair of left and right, 1,2 mixes.',
	from: 'From',
	to: 'To',
	timeHint: 'Such as 1:30 or 1:02:03. Empty: the whole.',
	tagsTitle: 'Tags',
	tags: {
		title: 'Title', artist: 'Artist', album: 'Album',
		genre: 'Genre', date: 'Year', comment: 'Comment',
	},
	tagHint: 'In place of what the file says; empty: what it says.',
	wrong: {
		loudness: 'The loudness is a number from -50 to -5.',
		lang: 'Languages are codes such as de, en; at most 8.',
		track: 'A track is a number such as 2, or two: 1+2 or 1,2.',
		from: 'A time is written 90, 1:30 or 1:02:03.',
		to: 'A time is written 90, 1:30 or 1:02:03.',
		order: 'The end has to be later than the beginning.',
		both: 'Please give a track or a language, not both.',
		tags: 'The tags are too long.',
	},
	asStandard: 'Standard',
	monoShort: 'mono',
	loudnessShort: (n) => `${n} LUFS`,
	langShort: (list) => `in ${list}`,
	trackShort: (n) => `track ${n}`,
	part: (from, to) => to === '' ? `from ${from}` : from === '' ?
	    `to ${to}` : `${from} to ${to}`,
	tagsShort: (n) => n === 1 ? '1 tag' : `${n} tags`,

	/* What a file is. */
	tracks: (n) => n === 1 ? '1 track' : `${n} tracks`,
	noTracks: 'no sound found',
	chapters: (n) => n === 1 ? '1 chapter' : `${n} chapters`,

	/* Uploads. */
	uploadOwn: 'Not uploaded yet',
	uploadWaits: 'Waiting to be uploaded',
	uploading: (percent) => `Uploading, ${percent}`,
	sentOf: (sent, size) => `${sent} of ${size}`,
	left: (time) => `${time} left`,
	checking: 'Uploaded, the server looks at it',
	brokenAt: (percent) => `Interrupted at ${percent}`,
	notBegun: 'Not begun yet',
	paused: 'Waiting for you to log in',
	refused: 'Not accepted',
	uploaded: (name) => `${name} is uploaded.`,
	interrupted: (name) => `The upload of ${name} was interrupted and ` +
	    'will go on by itself.',
	notAccepted: (name, why) => `${name} was not accepted: ${why}`,
	emptyFile: 'The file is empty.',
	tooLarge: (size) => `The file is too large: ${size} at most.`,
	unreadable: 'The file cannot be read. Was it moved or changed, or ' +
	    'is it a folder?',
	cancelAsk: (name) => `Cancel the upload of ${name}?`,
	cancelText: 'What was uploaded of it is deleted.',
	cancelYes: 'Cancel the upload',
	cancelNo: 'Go on',
	cancelled: (name) => `The upload of ${name} was cancelled.`,

	/* Jobs. */
	listTitle: 'Your files',
	empty: 'Nothing here yet. The MP3 of each video that you upload will ' +
	    'wait for you in this place.',
	loading: 'Loading your files …',
	unfound: 'No file of yours is like that.',
	keys: 'The arrow keys lead from file to file.',
	count: (n, text) => n === 1 ? '1 file' : `${text} files`,
	countActive: (n) => `${n} in progress`,
	countReady: (n) => `${n} ready`,
	countFailed: (n) => `${n} failed`,
	space: (used, most) => `${used} of ${most} used`,
	search: 'Search by name',
	which: 'Show',
	whichAll: 'All files',
	whichActive: 'In progress',
	whichReady: 'Ready',
	whichFailed: 'Failed',
	whichUnfinished: 'Not finished uploads',
	choose1: (name) => `Select ${name}`,
	chooseAll: 'Select all shown',
	chooseNone: 'Select none',
	chosen: (n, text) => n === 1 ? '1 file selected' :
	    `${text} files selected`,
	zip: 'Download as ZIP',
	zipping: (n, text) => n === 1 ? 'Downloading a ZIP of 1 MP3.' :
	    `Downloading a ZIP of ${text} MP3s.`,
	removeMany: 'Remove',
	removeManyAsk: (n, text) => n === 1 ? 'Remove 1 file?' :
	    `Remove ${text} files?`,
	removeManyText: 'The videos and their MP3s are deleted for good.',
	wereRemoved: (n, text) => n === 1 ? '1 file was removed.' :
	    `${text} files were removed.`,
	progressOf: (name) => `Progress of ${name}`,
	unfinished: 'Upload not finished',
	unfinishedText: 'Choose the same file again, and its upload goes on.',
	unfinishedElsewhere: 'It was begun elsewhere and can only go on ' +
	    'there. To upload the file here, remove this one.',
	held: 'Stored, not to be converted yet',
	queued: 'Waiting to be converted',
	converting: 'Converting',
	convertingAt: (percent) => `Converting, ${percent}`,
	expired: 'Expired',
	expiredText: 'The MP3 was kept for some time and is gone now.',
	ready: 'Ready',
	readyWarned: 'Ready, with warnings',
	failed: 'Failed',
	nobodyKnows: 'nobody knows why',
	removed: 'Removed',
	isReady: (name) => `The MP3 of ${name} is ready.`,
	isFailed: (name, why) => `${name} could not be converted: ${why}`,
	downloading: (name) => `Downloading the MP3 of ${name}.`,
	removeAsk: (name) => `Remove ${name}?`,
	removeText: 'The video and its MP3 are deleted for good.',
	wasRemoved: (name) => `${name} was removed.`,

	/* Listening. */
	chaptersTitle: 'Chapters',
	chapterNumber: (n) => `Chapter ${n}`,
	cover: 'Cover',
	close: 'Close',
	cannotPlay: 'This browser cannot play it. Download it instead.',

	/* Buttons, and their names for who does not see which row they are
	 * in. */
	cancel: 'Cancel',
	acts: {
		upload: ['Upload', (name) => `Upload ${name}`],
		settings: ['Settings', (name) => `Settings of ${name}`],
		cancel: ['Cancel', (name) => `Cancel ${name}`],
		again: ['Try again', (name) => `Try again ${name}`],
		dismiss: ['Dismiss', (name) => `Dismiss ${name}`],
		listen: ['Listen', (name) => `Listen to ${name}`],
		download: ['Download', (name) => `Download the MP3 of ${name}`],
		remove: ['Remove', (name) => `Remove ${name}`],
	},
};
