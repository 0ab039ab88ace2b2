import type { CiStep } from './ci-line.ts'

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
