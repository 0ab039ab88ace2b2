import { shellQuote } from '../../../text/shell-quote.ts'
import type { PlainForm } from './narrowed-forms.ts'
import type { SaidLine } from './said-lines.ts'

const MOST_PROJECTS = 12

/**
 * The tests of a solution as CI runs them from its folder. Where CI tests projects in their folders, and never the solution,
 * not all of it can be tested here: these count as if their folders were named.
 */
export function solutionTests(ci: readonly SaidLine[], folder: string): readonly SaidLine[] {
  const tests = ci.filter(({ ecosystem, role }) => ecosystem === '.NET' && role === 'test')
  const own = tests.filter((line) => line.folder === folder)
  if (own.length > 0) return own
  const start = folder === '' ? '' : `${folder}/`
  return tests
    .filter((line) => !line.needsMore && line.folder.startsWith(start) && !line.words.some(isProject))
    .map((line) => {
      const words = [...line.words.slice(0, 2), line.folder.slice(start.length), ...line.words.slice(2)]
      return { ...line, folder, words, command: words.map(shellQuote).join(' ') }
    })
}

function isProject(word: string): boolean {
  return /proj$|\.slnx?$|\.dll$/.test(word)
}

/** Projects of a solution that one job tests one by one: what is left out is for another platform. */
export function severalProjects<Form extends PlainForm & { readonly line: SaidLine }>(
  tests: readonly Form[],
): readonly Form[] {
  const first = tests.find(({ line }) => !line.needsMore)
  const together = tests.filter(({ line }) => line.job === first?.line.job && !line.needsMore)
  if (first === undefined || (together.length < 2 && tests.some(({ isWhole }) => isWhole))) return []
  const commands = together.slice(0, MOST_PROJECTS).map(({ command }) => command)
  return [{ ...first, command: commands.join(' && '), isWhole: true }]
}
