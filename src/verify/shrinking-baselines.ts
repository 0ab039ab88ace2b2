import type { VerifiedFile } from './verified-file.ts'

/** Readers of baselines, the lists of findings that a checker does not report. Each has its own format. */
const READERS: readonly (readonly [RegExp, (text: string) => ReadonlyMap<string, number>])[] = [
  [/(?:^|\/)[\w.-]*phpstan[\w.-]*baseline[\w.-]*\.neon$/, readNeon],
  [/(?:^|\/)psalm-baseline\.xml$/, readPsalm],
]
const MAX_BYTES = 4 * 1024 * 1024

/**
 * True for a baseline that only loses findings, so that nothing passes that did not pass before. Such an edit is needed:
 * checkers fail if their baseline lists findings that no longer exist.
 */
export function isShrinkingBaseline({ path, before, bytes }: VerifiedFile): boolean {
  const read = READERS.find(([name]) => name.test(path))?.[1]
  if (read === undefined || !before || !bytes || Math.max(before.length, bytes.length) > MAX_BYTES)
    return false
  const [old, now] = [before, bytes].map((side) => read(Buffer.from(side).toString('utf8')))
  return [...(now ?? [])].every(([finding, count]) => count <= (old?.get(finding) ?? 0))
}

/** Counts the findings; each is a block of lines. */
function readNeon(text: string): ReadonlyMap<string, number> {
  const findings = new Map<string, number>()
  for (const block of text.split(/^\s*-\s*$/m)) {
    const lines = block.split('\n').map((line) => line.trim())
    const count = Number(lines.find((line) => /^count:\s*\d+$/.test(line))?.replace(/\D/g, '') ?? 1)
    add(findings, lines.filter((line) => line !== '' && !/^count:\s*\d+$/.test(line)).join('\n'), count)
  }
  return findings
}

/** Counts the findings by file and kind. Anything else in the file counts as a finding, too. */
function readPsalm(text: string): ReadonlyMap<string, number> {
  const findings = new Map<string, number>()
  let file = ''
  let kind = ''
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (/^<file\s/.test(line)) file = line
    else if (/^<code>/.test(line)) add(findings, `${file}\n${kind}\n${line}`, 1)
    else if (/^<\/|^<\?xml|^$|^<files\b/.test(line)) continue
    else {
      kind = line
      if (/\/>$/.test(line) || !/^<\w+(?:\s+occurrences="\d+")?>$/.test(line))
        add(findings, `${file}\n${line}`, 1)
    }
  }
  return findings
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count)
}
