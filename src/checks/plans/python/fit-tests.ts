import type { PythonTest } from './said-python-test.ts'

/** Words in arguments for tests that need what a sandbox does not have, or that are slow or no unit tests. */
const UNFIT =
  /integration|e2e|functional|acceptance|bench|docker|browser|examples?|mypy|distributed|offline|nbval|smoke|emscripten|pyodide|wasm|cuda|(?<![a-z])(?:network|live|gpu|typing|docs?|slow|remote|lint|old)(?![a-z])/i

/** Whether a test needs what a sandbox does not have, or is no unit test. */
export function needsMoreThanUnits({ args }: PythonTest): boolean {
  return UNFIT.test(withoutSelection(args))
}

/** Whether a run of pytest names sources alone, for the examples in them: `pytest src --doctest-modules`. */
export function isOfExamples({ args, module }: PythonTest): boolean {
  const words = module === 'pytest' ? args.split(' ').slice(2) : []
  const paths = words.filter((word) => /^[\w.][\w./-]*$/.test(word))
  return words.includes('--doctest-modules') && paths.length > 0 && !paths.some((path) => /test/.test(path))
}

/** How deep the tested path is: 0 for all tests, 1 for a folder such as `tests`, more for a folder inside it. */
export function depthOfTests({ args, module }: PythonTest): number {
  const start = module === 'unittest' ? / (?:-s|--start-directory)[ =](\S+)/.exec(args)?.[1] : undefined
  if (start !== undefined) return depthOfPath(start)
  if (module !== 'pytest') return 0
  const paths = args
    .split(' ')
    .slice(2)
    .filter((word) => /^[\w.][\w./-]*$/.test(word) && (word.includes('/') || /test/.test(word)))
  return Math.min(...(paths.length === 0 ? [0] : paths.map(depthOfPath)))
}

function depthOfPath(path: string): number {
  return path.replace(/^\.\/|\/$/g, '').split('/').length
}

/** The arguments without options that exclude tests, since excluded names say nothing about what runs. */
function withoutSelection(args: string): string {
  const left = args.replace(/ -[mk] '[^']*'| --(?:ignore|deselect)(?:-glob)?[= ]\S+/g, '')
  // Beside `tests`, a folder of documentation only adds examples.
  return / tests?\/?(?= |$)/.test(left) ? left.replace(/ docs?(?:\/[\w./-]*)?(?= |$)/g, '') : left
}
