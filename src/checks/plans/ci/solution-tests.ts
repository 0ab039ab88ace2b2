import { shellQuote } from '../../../text/shell-quote.ts'
import type { PlainForm } from './narrowed-forms.ts'
import type { SaidLine } from './said-lines.ts'

const MOST_PROJECTS = 12

/**
 * The lines of CI that test a solution from its folder. If CI only tests projects in their own folders, some of the solution
 * may not be testable here, so those lines count, each with its folder as an argument.
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

/** Joins the projects that one job tests one by one to one form: those that it leaves out are for other platforms. */
export function severalProjects<Form extends PlainForm & { readonly line: SaidLine }>(
  tests: readonly Form[],
): readonly Form[] {
  const first = tests.find(({ line }) => !line.needsMore)
  const together = tests.filter(({ line }) => line.job === first?.line.job && !line.needsMore)
  if (first === undefined || (together.length < 2 && tests.some(({ isWhole }) => isWhole))) return []
  const commands = together.slice(0, MOST_PROJECTS).map(({ command }) => command)
  return [{ ...first, command: commands.join(' && '), isWhole: true }]
}
