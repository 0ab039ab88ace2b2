import type { Project } from '../project.ts'

/** One line that a job of the repository's CI runs. */
export interface CiLine {
  /** `.github/workflows/ci.yml` */
  readonly file: string
  /** The same for all lines of one job. */
  readonly job: string
  /** Relative to the root; empty for the root. */
  readonly folder: string
  /** One plain command, without pipes, variables and expressions. */
  readonly command: string
}

const MAX_FILES = 8
const MAX_CHARACTERS = 64 * 1024
const MAX_LINES = 400
/** Workflows that do something else than judge a change. */
const OTHER =
  /release|publish|deploy|docs|pages|stale|label|codeql|nightly|cron|bench|lock|triage|windows|macos/i
const FIRST = /\/(?:ci|tests?|main|build|checks?|unit)[\w-]*\.ya?ml$/i

/** A command that needs no shell to be understood. */
const PLAIN = /^(?:[A-Z_][A-Z0-9_]{0,40}=[\w./-]{0,80} )?[\w./][\w@%+=:,./ "'*-]{1,200}$/
/** What a check of a change must not do, or cannot do in a sandbox. */
const FORBIDDEN =
  /\b(?:sudo|curl|wget|ssh|scp|rsync|docker|podman|publish|deploy\w*|push|login|upload|codecov|coveralls|secrets?|token|rm|git|gh|aws|gcloud|az|kubectl|apt|apt-get|brew|choco|semantic-release)\b|(?<!--)\brelease\b/i

/** Reads what CI runs, from workflows of the commit. Expressions of GitHub Actions, and all that is not plain, are left out. */
export async function readWorkflows(project: Project): Promise<readonly CiLine[]> {
  const files = [...project.files].filter(
    (file) => /^\.github\/workflows\/[^/]+\.ya?ml$/.test(file) && !OTHER.test(file),
  )
  const rank = (file: string) => (FIRST.test(file) ? 0 : 1)
  const sorted = files.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).slice(0, MAX_FILES)
  const texts = await Promise.all(
    sorted.map(async (file) => ({ file, text: (await project.read(file)) ?? '' })),
  )
  const lines = texts.flatMap(({ file, text }) => linesOf(file, text.slice(0, MAX_CHARACTERS)))
  return lines.slice(0, MAX_LINES)
}

interface Step {
  readonly job: string
  folder: string | undefined
  readonly lines: string[]
}

/** Reads the few keys that matter, line by line: workflows are larger than what a YAML parser should get from outside. */
function linesOf(file: string, text: string): readonly CiLine[] {
  const steps: Step[] = []
  const folders = new Map<string, string>()
  let job = ''
  let jobIndent = -1
  let isInJobs = false
  let step: Step | undefined
  let block: number | undefined
  for (const line of text.split('\n')) {
    const content = line.trim()
    const indent = line.length - line.trimStart().length
    if (block !== undefined && (content === '' || indent > block)) {
      if (content !== '') step?.lines.push(content)
      continue
    }
    block = undefined
    if (content === '' || content.startsWith('#')) continue
    if (indent === 0) {
      isInJobs = /^jobs:/.test(content)
      jobIndent = -1
      step = undefined
      job = ''
    } else if (isInJobs && (jobIndent === -1 || indent === jobIndent) && /^[\w-]+:$/.test(content)) {
      jobIndent = indent
      job = content.slice(0, -1)
      step = undefined
    }
    const isItem = content.startsWith('- ')
    if (isItem && isInJobs && job !== '') {
      step = { job, folder: undefined, lines: [] }
      steps.push(step)
    }
    const key = isItem ? content.slice(2).trim() : content
    const folder = /^working-directory:\s{0,9}["']?([^"'#]{1,200})/.exec(key)?.[1]?.trim()
    if (folder !== undefined) {
      if (step === undefined) folders.set(job, folder)
      else step.folder = folder
    }
    const run = /^run:(.*)$/.exec(key)?.[1]?.trim()
    if (run === undefined || step === undefined) continue
    if (/^[|>]/.test(run)) block = isItem ? indent + 1 : indent
    else step.lines.push(run.replace(/^(["'])(.*)\1$/, '$2'))
  }
  return steps
    .filter((one) => !OTHER.test(one.job))
    .flatMap((one) => {
      const place = one.folder ?? folders.get(one.job) ?? folders.get('') ?? ''
      return commandsOf(one.lines, place).map((command) => ({ file, job: `${file} ${one.job}`, ...command }))
    })
}

function commandsOf(lines: readonly string[], place: string): readonly Pick<CiLine, 'folder' | 'command'>[] {
  const joined = lines.join('\n').replace(/\\\n/g, ' ').split('\n')
  let folder = folderAt('', place)
  return joined.flatMap((line) => {
    let here = folder
    const parts = line.split(' && ').map((part) => plainWords(part.trim().replace(/\s+/g, ' ')))
    return parts.flatMap((command) => {
      const target = /^cd (\S+)$/.exec(command)?.[1]
      if (target !== undefined) {
        here = here === undefined ? undefined : folderAt(here, target)
        if (parts.length === 1) folder = here
        return []
      }
      // Where this one goes is not known, and so where the next ones run.
      if (/(?:^|[\s;(])(?:cd|pushd|popd)\s/.test(command)) {
        here = undefined
        folder = undefined
      }
      const isPlain = PLAIN.test(command) && !FORBIDDEN.test(command)
      return here === undefined || !isPlain ? [] : [{ folder: here, command }]
    })
  })
}

/** What a matrix adds to how the sources are configured is left out: another compiler, another machine. */
function plainWords(command: string): string {
  if (!/^(?:\.\/configure|cmake|meson setup) /.test(command)) return command
  return command
    .replace(/\$\{\{[^}]{0,100}\}\}/g, '$')
    .split(' ')
    .filter((word) => !word.includes('$'))
    .join(' ')
}

/** Undefined for a folder outside of the repository, or one that only the run of a workflow knows. */
function folderAt(from: string, to: string): string | undefined {
  if (!/^[\w./@+-]*$/.test(to) || to.startsWith('/')) return undefined
  const parts = from === '' ? [] : from.split('/')
  for (const part of to.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
