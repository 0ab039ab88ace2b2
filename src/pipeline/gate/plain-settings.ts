import { createHash } from 'node:crypto'
import type { ChangedFile } from '../collect/change-list.ts'
import { isKnownWrapper } from './known-wrappers.ts'
import { PLAIN_SETTINGS } from './plain-parts.ts'
import { programReaches } from './program-reach.ts'
import { foldedSegments, steeringGroup } from './protection.ts'
import { differsOnlyIn } from './settings-shape.ts'

type SettingsFile = Pick<ChangedFile, 'path' | 'previousPath' | 'status' | 'bytes' | 'before'>

const MAX_BYTES = 64 * 1024

/** Programs that a build runs, like other sources. A new one is no plain change, because installing the package runs it, too. */
const BUILD_PROGRAMS = /^(?:build\.rs|setup\.py)$/
/** Start scripts, whose executable bit has no effect of its own. The bit of a git hook switches the hook on. */
const START_SCRIPTS = /^(?:gradlew|mvnw)$/
/** The wrappers that Gradle and Maven write into a project to start themselves. */
const WRAPPERS = /^(?:gradlew(?:\.bat)?|mvnw(?:\.cmd)?|(?:gradle|maven)-wrapper\.jar)$/
/** IDE settings that describe modules and layout of sources. Other files in the same folders may start programs. */
const DESCRIBES_PROJECT = /^(?:modules|misc|vcs|encodings|codestyleconfig|profiles_settings)\.xml$|\.iml$/
/** Files that shells read only in a home folder. */
const OF_HOME =
  /^\.(?:bashrc|bash_profile|bash_login|bash_logout|profile|zshrc|zshenv|zprofile|zlogin|kshrc|cshrc|tcshrc|login|inputrc)$/
const TEST_DATA = /^(?:fixtures?|test-fixtures|__fixtures__|snapshots|testdata|test-data)$/

/** True for a file whose contents must be parsed to judge whether its change is plain, which takes time. */
export function hasPlainParts(path: string): boolean {
  const segments = foldedSegments(path)
  return BUILD_PROGRAMS.test(segments.at(-1) ?? '') || settingsOf(segments) !== undefined
}

/**
 * True if a steering file changes only in ways that give it no new power: another version of the same tool, a name, a
 * limit, a comment, a withdrawn permission. The pull request mentions such a change without becoming a draft. Takes time
 * linear in the file's size.
 */
export function isPlainChange({ path, previousPath, status, bytes, before }: SettingsFile): boolean {
  if (before === undefined) return status === 'added' && isPlainIn(path, null, bytes)
  // A rename counts as a deletion at one path and an addition at the other.
  if (previousPath !== undefined)
    return bytes !== null && isPlainIn(previousPath, before, null) && isPlainIn(path, null, bytes)
  return isPlainIn(path, before, bytes)
}

function isPlainIn(path: string, before: Uint8Array | null, bytes: Uint8Array | null): boolean {
  const segments = foldedSegments(path)
  const name = segments.at(-1) ?? ''
  const group = steeringGroup(path)
  if (bytes === null && (group === 'deploy' || group === 'editor' || name === '.gitmodules')) return true
  // GitLab reads the file in the root alone; another one comes with vendored code.
  if (bytes === null && segments.length > 1 && name === '.gitlab-ci.yml') return true
  if (bytes !== null && WRAPPERS.test(name) && isKnownWrapper(name, digestOf(bytes))) return true
  if (group === 'editor' && (DESCRIBES_PROJECT.test(name) || isTestData(segments))) return true
  if (Math.max(before?.length ?? 0, bytes?.length ?? 0) > MAX_BYTES) return false
  const earlier = textOf(before)
  const later = textOf(bytes)
  if (START_SCRIPTS.test(name) && before !== null && earlier === later) return true
  if (BUILD_PROGRAMS.test(name) && before !== null && bytes !== null)
    return !programReaches(name === 'build.rs' ? 'rust' : 'python', { before: earlier, after: later })
  return isPlainText(segments, earlier, later)
}

/** True for home folders and workspaces that tests keep as data, which no one opens. */
function isTestData(segments: readonly string[]): boolean {
  const last = segments.at(-1) ?? ''
  const isRead = OF_HOME.test(last) || last.endsWith('.code-workspace') || segments.includes('.vscode')
  return isRead && segments.some((folder) => TEST_DATA.test(folder))
}

function isPlainText(segments: readonly string[], earlier: string, later: string): boolean {
  const settings = settingsOf(segments)
  if (settings === undefined) return false
  try {
    const before = settings.read(earlier)
    const after = settings.read(later)
    return before.every((one, at) => differsOnlyIn(settings.parts, { before: one, after: after[at] }))
  } catch {
    return false
  }
}

function settingsOf(segments: readonly string[]) {
  const path = segments.join('/')
  return PLAIN_SETTINGS.find(({ files }) => files.test(path))
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null
    ? ''
    : Buffer.from(bytes)
        .toString('utf8')
        .replace(/^\ufeff/, '')
}
