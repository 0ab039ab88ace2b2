/**
 * What git says when trying again would bring the same: a refused credential, a commit that is gone. Anything else
 * may be a GitHub that is away for a moment. It is believed when it is said for the third time, some seconds later: a
 * token that was minted just now, or a commit that was pushed just now, is not known everywhere in GitHub at once. POSIX extended syntax too, since the sandbox's grep reads it.
 */
export const LASTING_FAILURE =
  /authentication failed|could not read username|error: 40[134]|not our ref|couldn't find remote ref/i
