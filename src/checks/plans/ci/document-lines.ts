import type { CiStep } from './ci-line.ts'
import type { SaidLine } from './said-lines.ts'

/** Texts that say how the repository is tested, those for agents first. */
export const DOCUMENTS = [
  'AGENTS.md',
  'CLAUDE.md',
  'CONTRIBUTING.md',
  '.github/CONTRIBUTING.md',
  'docs/CONTRIBUTING.md',
  'CONTRIBUTING.rst',
  'HACKING.md',
  'DEVELOPMENT.md',
  'README.md',
  'README.rst',
] as const

const MOST_CHARACTERS = 64 * 1024
const MOST_BLOCKS = 60

/** The code blocks of a text, each as a step: those of a shell, and those without a language. */
export function readDocument(file: string, text: string): readonly CiStep[] {
  const steps: CiStep[] = []
  const lines = text.slice(0, MOST_CHARACTERS).split('\n')
  let block: { readonly start: number; readonly fence: string; readonly isShell: boolean } | undefined
  for (const [at, line] of lines.entries()) {
    const fence = /^\s{0,8}(`{3,}|~{3,})\s{0,3}([\w+-]{0,20})/.exec(line)
    if (block === undefined) {
      const isIndented = /^(?:\s{4,8}|\t)\$ \S/.test(line)
      if (fence !== null) {
        const isShell = /^(?:|sh|bash|shell|console|zsh|shell-session|text)$/i.test(fence[2] ?? '')
        block = { start: at + 1, fence: (fence[1] ?? '').slice(0, 3), isShell }
      } else if (isIndented) steps.push(stepOf(file, [line], at))
    } else if (fence?.[1]?.startsWith(block.fence) && fence[2] === '') {
      if (block.isShell) steps.push(stepOf(file, lines.slice(block.start, at), block.start))
      block = undefined
    }
    if (steps.length >= MOST_BLOCKS) break
  }
  return steps
}

function stepOf(file: string, lines: readonly string[], start: number): CiStep {
  // A prompt: what has none in such a block is output.
  const hasPrompt = lines.some((line) => /^\s*[$%>] \S/.test(line))
  const script = lines
    .map((line) => (hasPrompt ? (/^\s*[$%>] (.*)$/.exec(line)?.[1] ?? '') : line))
    .join('\n')
  return { file, job: `${file}#${start}`, line: start + 1, script, env: {}, needsMore: false }
}

/** Without one of these files, a command of a text is about another repository: that of people who use this one. */
const FILES: Readonly<Record<string, RegExp>> = {
  JavaScript: /^package\.json$/,
  Rust: /^Cargo\.toml$/,
  Maven: /^pom\.xml$/,
  Gradle: /^(?:build|settings)\.gradle(?:\.kts)?$/,
  Ruby: /^(?:[Rr]akefile(?:\.rb)?|Gemfile|\.rspec|[^/]+\.gemspec)$/,
  PHP: /^(?:composer\.json|phpunit\.xml(?:\.dist)?)$/,
  Elixir: /^mix\.exs$/,
  CMake: /^CMakeLists\.txt$/,
  Meson: /^meson\.build$/,
}

/** Files that a command would run. */
const PROGRAM = /^(?:\.\/)?((?:[\w.-]+\/)?[\w.-]+\.(?:sh|bash|bats|py|rb|lua|t|pl))$/

/** Whether what a line of a text runs may be in the repository: a manifest of its tool in the folder, and its files. */
export function isOfRepository({ ecosystem, folder, words }: SaidLine, files: ReadonlySet<string>): boolean {
  const wanted = Object.hasOwn(FILES, ecosystem) ? FILES[ecosystem] : undefined
  const start = folder === '' ? '' : `${folder}/`
  const isRun = words.every((word) => {
    const path = PROGRAM.exec(word)?.[1]
    return path === undefined || start !== '' || files.has(path)
  })
  const hasManifest = [...files].some(
    (file) => file.startsWith(start) && wanted?.test(file.slice(start.length)),
  )
  return isRun && (wanted === undefined || hasManifest)
}
