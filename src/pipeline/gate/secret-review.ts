import type { SecretAllowList } from '../../checks/secret-allow-list.ts'
import { findSecrets, type SecretFinding } from '../../secrets/find-secrets.ts'
import { maskRanges } from '../../secrets/redact.ts'
import { showPath } from '../../text/show-path.ts'
import { breathe } from '../../time/breathe.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import type { CollectedChanges } from '../collect/collect-changes.ts'
import { maskDiff } from './mask-diff.ts'
import { type createSecretSearch, fileText, MOST_PLACES } from './search-bytes.ts'

/** A change that was searched for secrets. The diffs of files with findings are masked; bytes and paths are not. */
export interface ReviewedChanges extends CollectedChanges {
  /** Files that may not be published, by path. */
  readonly leaks: ReadonlyMap<string, SecretLeak>
  /** Findings that the repository allows, and the settings file that allows them. */
  readonly allowed: { readonly source: string | undefined; readonly findings: readonly string[] }
  /** Sentences on mistakes in the repository's allow list; empty when the list was not needed. */
  readonly problems: readonly string[]
}

/** The secrets in one file. No field holds a secret itself. */
export interface SecretLeak {
  /** The file's path, masked. */
  readonly path: string
  /** Kind, place and rule of each: `GitHub token in \`src/a.ts\` line 3 (\`github-token\`)`. */
  readonly findings: readonly string[]
}

interface ReviewParts {
  /** Credentials of this process, and tokens minted for this run. */
  readonly knownSecrets: readonly string[]
  /** Every path of the base commit. */
  readonly basePaths: ReadonlySet<string>
  readonly readAllowList: () => Promise<SecretAllowList>
  readonly search: ReturnType<typeof createSecretSearch>
}

/** The rule for credentials of Backspace itself, which no repository can allow. */
const KNOWN_SECRET = 'known-secret'

/** Searches names and contents of a change for secrets. Other work goes on between two files. */
export async function reviewSecrets(
  changes: CollectedChanges,
  { knownSecrets, basePaths, readAllowList, search }: ReviewParts,
): Promise<ReviewedChanges> {
  const leaks = new Map<string, SecretLeak>()
  const allowed = new Set<string>()
  const files: ChangedFile[] = []
  let list: SecretAllowList | undefined
  for (const file of changes.files) {
    await breathe()
    const found = await findInFile(file, { knownSecrets, basePaths, search })
    const rules = new Set([...found.inName, ...found.inContent].map(({ rule }) => rule))
    if (rules.size === 0 && found.isSearched) {
      files.push(file)
      continue
    }
    list ??= await readAllowList()
    const { allows } = list
    const allowedRules = [...rules].filter(
      (rule) => rule !== KNOWN_SECRET && allows({ path: file.path, rule }),
    )
    const path = maskRanges(file.path, found.inName)
    const leaking = new Set(found.isSearched ? [] : [`${showPath(path)}, which took too long to search`])
    for (const { rule, text } of describe(file, { ...found, path })) {
      if (allowedRules.includes(rule)) allowed.add(text)
      else leaking.add(text)
    }
    if (leaking.size > 0) leaks.set(file.path, { path, findings: atMost(leaking) })
    files.push({ ...file, diff: masked(file, found) })
  }
  return {
    ...changes,
    files,
    diff: withDiffs(changes, files),
    leaks,
    allowed: { source: list?.source, findings: atMost(allowed) },
    problems: list?.problems ?? [],
  }
}

interface FoundInFile {
  readonly inName: readonly SecretFinding[]
  readonly inContent: readonly SecretFinding[]
  /** False when the content could not be searched in time. */
  readonly isSearched: boolean
}

async function findInFile(
  { path, status, bytes, before, binary, large }: ChangedFile,
  { knownSecrets, basePaths, search }: Pick<ReviewParts, 'knownSecrets' | 'basePaths' | 'search'>,
): Promise<FoundInFile> {
  // A name that the base commit already has is public anyway.
  const inName = status === 'deleted' || basePaths.has(path) ? [] : findSecrets(path, { knownSecrets })
  const query = large ? { bytes: large.bytes, before: null, binary: true } : { bytes, before, binary }
  const inContent = query.bytes === null ? [] : await search({ ...query, bytes: query.bytes, knownSecrets })
  return { inName, inContent: inContent ?? [], isSearched: inContent !== undefined }
}

/** The most findings that are listed, since a file may have one on each of a million lines. */
const MOST_FINDINGS = 50

function atMost(findings: ReadonlySet<string>): readonly string[] {
  return [...findings].slice(0, MOST_FINDINGS)
}

function describe(
  file: ChangedFile,
  { inName, inContent, path }: Omit<FoundInFile, 'isSearched'> & { readonly path: string },
): readonly { readonly rule: string; readonly text: string }[] {
  const words = ({ name, rule }: SecretFinding, place: string) => ({
    rule,
    text: `${name} in ${place} (\`${rule}\`)`,
  })
  return [
    ...inName.map((finding) => words(finding, `the name of ${showPath(path)}`)),
    ...inContent.map((finding) =>
      words(finding, file.binary || file.large ? showPath(path) : `${showPath(path)} line ${finding.line}`),
    ),
  ]
}

function masked(
  { path, bytes, binary, large, diff }: ChangedFile,
  { inName, inContent }: Omit<FoundInFile, 'isSearched'>,
): string {
  const body =
    bytes === null || binary || large
      ? diff
      : bodyOf(diff, { text: fileText(bytes, binary), ranges: inContent })
  return inName.length === 0 ? body : body.replaceAll(path, () => maskRanges(path, inName))
}

function bodyOf(diff: string, found: Parameters<typeof maskDiff>[1]): string {
  // The ranges refer to the bytes, not to decoded text that the diff shows.
  const isDecoded = found.ranges.length > 0 && /^\(shown as text from /m.test(diff)
  if (found.ranges.length < MOST_PLACES && !isDecoded) return maskDiff(diff, found)
  const header = diff.slice(0, diff.search(/^@@ /m))
  if (isDecoded) return `${header}(not shown: it holds what looks like a secret)\n`
  return `${header}(not shown: it holds more than ${MOST_PLACES} values that look like secrets)\n`
}

/** The diff of the whole change with masked diffs of its files. The whole diff may be cut, so it may not show all files. */
function withDiffs({ files, diff }: CollectedChanges, masked: readonly ChangedFile[]): string {
  const shown: string[] = []
  let end = 0
  for (const [index, file] of files.entries()) {
    if (!diff.startsWith(file.diff, end)) break
    shown.push(masked[index]?.diff ?? '')
    end += file.diff.length
  }
  return [...shown, diff.slice(end)].join('')
}
