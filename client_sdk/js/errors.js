// What can go wrong in the client's hands, each with a name a caller can act on; the message is for the person at the phone.

/** Everything below. */
export class ClientError extends Error {
  static name = "ClientError";

  /** @param {string} message @param {ErrorOptions} [options] */
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name; // a class says it in letters: in the script that is served, its own name is shorter
  }
}

/** The store does not open with this PIN; `waitSeconds` above 0: too many wrong ones, it was not even tried. */
export class WrongPinError extends ClientError {
  static name = "WrongPinError";

  /** @param {string} message @param {number} [waitSeconds] */
  constructor(message, waitSeconds = 0) {
    super(message);
    this.waitSeconds = waitSeconds;
  }
}

/** There is no store of this name, or none that was enrolled. */
export class NoStoreError extends ClientError {
  static name = "NoStoreError";
}

/** A later release wrote the store; nothing in it was changed. */
export class NewerFileError extends ClientError {
  static name = "NewerFileError";
}

/** The store may not be read any more: sealed after a revocation, or retired and wiped. */
export class SealedError extends ClientError {
  static name = "SealedError";
}

/** The enrolment code belongs to somebody else than the store; nothing in it was changed. */
export class OtherPersonError extends ClientError {
  static name = "OtherPersonError";
}

/** Another tab is syncing this store. */
export class SyncBusyError extends ClientError {
  static name = "SyncBusyError";
}

/**
 * The disk did not take it; what was kept before is kept, what was asked just now is not.
 * `reason`: full, gone (the browser has taken the store away), or broken.
 */
export class StorageError extends ClientError {
  static name = "StorageError";

  /** @param {string} message @param {"full" | "gone" | "broken"} reason @param {ErrorOptions} [options] */
  constructor(message, reason, options) {
    super(message, options);
    this.reason = reason;
  }
}

/** This phone holds no record of that id. */
export class NoSuchRecordError extends ClientError {
  static name = "NoSuchRecordError";
}

/** The section is not in conflict. */
export class NothingToResolveError extends ClientError {
  static name = "NothingToResolveError";
}

/** Two residents cannot be linked as one person, or be taken apart, in this way; nothing was kept. */
export class LinkError extends ClientError {
  static name = "LinkError";
}

/** There is nothing to appeal against; nothing was kept. */
export class AppealError extends ClientError {
  static name = "AppealError";
}

/** The form was opened before this phone saved the same section; nothing was kept, open it again. */
export class StaleViewError extends ClientError {
  static name = "StaleViewError";
}

/** What was saved cannot be taken back any more. */
export class NothingToUndoError extends ClientError {
  static name = "NothingToUndoError";
}

/** The store is for practice: nothing of it is ever sent. */
export class PracticeError extends ClientError {
  static name = "PracticeError";
}

/** It is not clear where a new record belongs, or the device does not write there. */
export class ScopeError extends ClientError {
  static name = "ScopeError";
}

/** A code of a protected programme would have come to lie where others could read it; nothing was kept. */
export class ProtectedError extends ClientError {
  static name = "ProtectedError";
}

/** This is not the address of a server; nothing was made. */
export class AddressError extends ClientError {
  static name = "AddressError";
}

/** The file of unsent edits does not open with this password, or is none. */
export class WrongPasswordError extends ClientError {
  static name = "WrongPasswordError";
}

/** No answer of the server arrived: no network, a cut line, or somebody else answered in its place. */
export class OfflineError extends ClientError {
  static name = "OfflineError";
}

/** An answer of the server that is not of the protocol; nothing of it is taken. */
export class BadReplyError extends ClientError {
  static name = "BadReplyError";
}

/** The server refused a request (RFC 9457); `slug`: the last part of the problem's type, empty for a bare status. */
export class Problem extends ClientError {
  static name = "Problem";

  /** @param {number} status @param {string} slug @param {Record<string, any>} body */
  constructor(status, slug, body) {
    super(String(body.detail || body.title || `the server answered ${status}`));
    this.status = status;
    this.slug = slug;
    this.body = body;
  }
}
