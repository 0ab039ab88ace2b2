/** Mode of a file, six octal digits, that may be published. Links and submodules may not. */
const PUBLISHABLE_MODES = new Set(['100644', '100755', '000000'])
const MAX_SEGMENT_BYTES = 255
const MAX_PATH_BYTES = 4096

/** Code points that HFS+ drops when it compares names, so that `.g\u200cit` opens `.git` there. */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g
/** Reordering, invisible and line-breaking characters: a reviewer would read another name than the one stored. */
const DECEPTIVE = /[\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd\u{e0000}-\u{e01ef}]/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: looking for them is the purpose
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
/** NTFS short names of `.git`, `.gitmodules`, `.gitattributes` and `.gitignore`. */
const SHORT_GIT_NAME = /^gi[0-9a-z]{0,4}~[0-9]+$/

/**
 * Why a path may not be published, as the end of a sentence that starts with the path; undefined when it may.
 * Covers what git itself refuses in a tree (fsck, CVE-2014-9390, CVE-2019-1353) and names that deceive a reader.
 */
export function pathProblem(path: string): string | undefined {
  if (!path.isWellFormed()) return 'is not valid Unicode'
  if (path === '') return 'is empty'
  if (path.startsWith('/')) return 'is an absolute path'
  if (path.includes('\\')) return 'has a backslash, which Windows reads as a folder'
  if (CONTROL.test(path)) return 'has a control character in its name'
  if (DECEPTIVE.test(path)) return 'has an invisible or reordering character in its name'
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`
  for (const segment of path.split('/')) {
    const problem = segmentProblem(segment)
    if (problem !== undefined) return problem
  }
  return undefined
}

function segmentProblem(segment: string): string | undefined {
  if (segment === '') return 'has an empty folder name'
  if (segment === '.' || segment === '..') return `has the folder name "${segment}"`
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) {
    return `has a name of more than ${MAX_SEGMENT_BYTES} bytes`
  }
  if (/^[a-z]:/i.test(segment)) return 'starts with a Windows drive'
  if (isGitDirectory(segment)) return 'would be read as the .git directory on some systems'
  return undefined
}

/** True for `.git` and everything that NTFS or HFS+ open as `.git` or as one of git's own dot files. */
function isGitDirectory(segment: string): boolean {
  const onHfs = segment.replaceAll(HFS_IGNORED, '').toLowerCase()
  // NTFS drops trailing spaces and dots and takes what follows a colon as the name of a stream.
  const onNtfs = onHfs.replace(/:.*$/s, '').replace(/[ .]+$/, '')
  return onHfs === '.git' || onNtfs === '.git' || SHORT_GIT_NAME.test(onNtfs)
}

/** Why a mode may not be published, as the end of a sentence that starts with the path; undefined when it may. */
export function modeProblem(mode: string): string | undefined {
  if (PUBLISHABLE_MODES.has(mode)) return undefined
  if (mode === '120000') return 'is a symbolic link, which is never published'
  if (mode === '160000') return 'is a submodule or a nested repository, which is never published'
  return `has the file mode ${mode}, which is never published`
}
