import { setImmediate as breathe } from 'node:timers/promises'
import type { SecretAllowList } from '../../checks/secret-allow-list.ts'
import { findSecrets, type SecretFinding } from '../../secrets/find-secrets.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import type { CollectedChanges } from '../collect/collect-changes.ts'
import { maskDiff, maskRanges } from './mask-diff.ts'
import { showPath } from './paths.ts'

/** A change that was searched for secrets. The diffs of files with findings are masked; bytes and paths are not. */
export interface ReviewedChanges extends CollectedChanges {
  /** Files that may not be published, by path. */
  readonly leaks: ReadonlyMap<string, SecretLeak>
  /** What the repository allows. */
  readonly allowed: { readonly source: string | undefined; readonly findings: readonly string[] }
  /** Sentences on mistakes in the repository's allow list; empty when the list was not needed. */
  readonly problems: readonly string[]
}

/** What is wrong with one file. Nothing in it holds the secret itself. */
export interface SecretLeak {
  /** The file's path, masked. */
  readonly path: string
  /** `GitHub token in \`src/a.ts\` line 3 (\`github-token\`)`: what it is, where, and by which rule. */
  readonly findings: readonly string[]
}

interface ReviewParts {
  /** Credentials of this process, and tokens minted for this run. */
  readonly knownSecrets: readonly string[]
  /** Every path of the base commit. */
  readonly basePaths: ReadonlySet<string>
  readonly readAllowList: () => Promise<SecretAllowList>
}

/** No repository can allow these. */
const KNOWN_SECRET = 'known-secret'

/** Searches the names and the contents of a change for secrets. Between two files it lets other work go on. */
export async function reviewSecrets(
  changes: CollectedChanges,
  { knownSecrets, basePaths, readAllowList }: ReviewParts,
): Promise<ReviewedChanges> {
  const leaks = new Map<string, SecretLeak>()
  const allowed = new Set<string>()
  const files: ChangedFile[] = []
  let list: SecretAllowList | undefined
  for (const file of changes.files) {
    await breathe()
    const found = findInFile(file, { knownSecrets, basePaths })
    const rules = new Set([...found.inName, ...found.inContent].map(({ rule }) => rule))
    if (rules.size === 0) {
      files.push(file)
      continue
    }
    list ??= await readAllowList()
    const { allows } = list
    const allowedRules = [...rules].filter(
      (rule) => rule !== KNOWN_SECRET && allows({ path: file.path, rule }),
    )
    const path = maskRanges(file.path, found.inName)
    const leaking = new Set<string>()
    for (const { rule, text } of describe(file, { ...found, path })) {
      if (allowedRules.includes(rule)) allowed.add(text)
      else leaking.add(text)
    }
    if (leaking.size > 0) leaks.set(file.path, { path, findings: [...leaking] })
    files.push({ ...file, diff: masked(file, found) })
  }
  return {
    ...changes,
    files,
    diff: withDiffs(changes, files),
    leaks,
    allowed: { source: list?.source, findings: [...allowed] },
    problems: list?.problems ?? [],
  }
}

interface FoundInFile {
  readonly inName: readonly SecretFinding[]
  readonly inContent: readonly SecretFinding[]
}

function findInFile(
  file: ChangedFile,
  { knownSecrets, basePaths }: Pick<ReviewParts, 'knownSecrets' | 'basePaths'>,
): FoundInFile {
  const { path, bytes, before, binary } = file
  // A name that the base commit has becomes no more public.
  const inName = file.status === 'deleted' || basePaths.has(path) ? [] : findSecrets(path, { knownSecrets })
  const inContent =
    bytes === null
      ? []
      : readingsOf(bytes, binary).flatMap((text, index) =>
          findSecrets(text, { knownSecrets, before: before ? readingsOf(before, binary)[index] : undefined }),
        )
  return { inName, inContent }
}

/**
 * Bytes as text to search in. Latin-1 keeps every byte, so a key inside a binary file is found; text in UTF-16, which
 * also counts as binary, has a NUL beside every letter.
 */
function readingsOf(bytes: Uint8Array, binary: boolean): readonly string[] {
  if (!binary) return [textOf(bytes)]
  const latin = Buffer.from(bytes).toString('latin1')
  const marks = { '\u00ff\u00fe': 'utf-16le', '\u00fe\u00ff': 'utf-16be' } as const
  const encoding = Object.entries(marks).find(([mark]) => latin.startsWith(mark))?.[1]
  if (encoding !== undefined) return [new TextDecoder(encoding).decode(bytes), latin]
  return [latin]
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function describe(
  file: ChangedFile,
  { inName, inContent, path }: FoundInFile & { readonly path: string },
): readonly { readonly rule: string; readonly text: string }[] {
  const words = ({ name, rule }: SecretFinding, place: string) => ({
    rule,
    text: `${name} in ${place} (\`${rule}\`)`,
  })
  return [
    ...inName.map((finding) => words(finding, `the name of ${showPath(path)}`)),
    ...inContent.map((finding) =>
      words(finding, file.binary ? showPath(path) : `${showPath(path)} line ${finding.line}`),
    ),
  ]
}

function masked({ path, bytes, diff }: ChangedFile, { inName, inContent }: FoundInFile): string {
  const body = bytes === null ? diff : maskDiff(diff, { text: textOf(bytes), ranges: inContent })
  return inName.length === 0 ? body : body.replaceAll(path, () => maskRanges(path, inName))
}

/** The diff of the whole change, with the diffs of its files replaced as far as it shows them. */
function withDiffs({ files, diff }: CollectedChanges, masked: readonly ChangedFile[]): string {
  let shown = diff
  for (const [index, file] of files.entries()) {
    const replacement = masked[index]?.diff ?? ''
    if (file.diff !== '' && file.diff !== replacement) shown = shown.replace(file.diff, () => replacement)
  }
  return shown
}
