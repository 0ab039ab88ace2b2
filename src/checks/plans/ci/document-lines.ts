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

/** The code blocks of a text, each as a step: blocks of a shell language, and blocks without a language. */
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
  // If a block has prompts, lines without one are output.
  const hasPrompt = lines.some((line) => /^\s*[$%>] \S/.test(line))
  const script = lines
    .map((line) => (hasPrompt ? (/^\s*[$%>] (.*)$/.exec(line)?.[1] ?? '') : line))
    .join('\n')
  return { file, job: `${file}#${start}`, line: start + 1, script, env: {}, needsMore: false }
}

/** Manifests of ecosystems. Without one, a command of a text is about the repositories of people who use this one. */
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

/** A word that names a program of the repository. */
const PROGRAM = /^(?:\.\/)?((?:[\w.-]+\/)?[\w.-]+\.(?:sh|bash|bats|py|rb|lua|t|pl))$/

/** Whether a line of a text may be about this repository: its folder has a manifest of the tool, and its programs exist. */
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
