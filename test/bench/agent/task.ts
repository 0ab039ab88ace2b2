/** One thing that the scripted model asks for, in no client's words. */
export type TaskStep = StepAction & {
  /** Appears in the result once the client has done it. */
  readonly expects: string
}

type StepAction =
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'grep'; readonly pattern: string }
  | { readonly kind: 'edit'; readonly path: string; readonly oldText: string; readonly newText: string }
  | { readonly kind: 'bash'; readonly command: string }

const MODULES = 30
const EDITED = 10

export const TASK_PROMPT =
  'The retry limits of the first ten modules under src are too low: raise each from 3 to 5, and check each file after.'

/**
 * Forty steps, each a turn of its own: read, search, edit and run something trivial, module by module. The tools
 * take next to no time, so that what passes between an answer and the next request is the client's own.
 */
export function taskSteps(): readonly TaskStep[] {
  return Array.from({ length: EDITED }, (_, index): TaskStep[] => {
    const name = moduleName(index)
    const path = `src/${name}.ts`
    const found = `export function ${name}Sum6(`
    return [
      { kind: 'read', path, expects: `${name} ends here` },
      { kind: 'grep', pattern: `${name}Sum6`, expects: found },
      {
        kind: 'edit',
        path,
        oldText: `const ${name}Retries = 3\n`,
        newText: `const ${name}Retries = 5\n`,
        expects: '',
      },
      {
        kind: 'bash',
        command: `wc -l ${path}`,
        expects: `${moduleText(name).split('\n').length - 1} ${path}`,
      },
    ]
  }).flat()
}

/** The repository that the task is about. */
export function taskFiles(): Readonly<Record<string, string>> {
  const modules = Array.from({ length: MODULES }, (_, index) => moduleName(index))
  return {
    'README.md': '# Ledger\n\nSums of many kinds.\n',
    '.github/backspace.yml': 'setup: "true"\nchecks: "test -f README.md"\n',
    ...Object.fromEntries(modules.map((name) => [`src/${name}.ts`, moduleText(name)])),
  }
}

/** Paths and texts of what the task changes, as they stand once it is done. */
export function doneFiles(): Readonly<Record<string, string>> {
  const files: Record<string, string> = { ...taskFiles() }
  const edits = taskSteps().filter((step) => step.kind === 'edit')
  return Object.fromEntries(
    edits.map(({ path, oldText, newText }) => [path, (files[path] ?? '').replace(oldText, newText)]),
  )
}

function moduleName(index: number): string {
  return `part${String(index + 1).padStart(2, '0')}`
}

function moduleText(name: string): string {
  const functions = Array.from({ length: 9 }, (_, number) =>
    [
      `/** Adds what ${name} keeps under ${number}, and leaves out what is not a number. */`,
      `export function ${name}Sum${number}(values: readonly number[]): number {`,
      '  let total = 0',
      '  for (const value of values) {',
      `    if (Number.isFinite(value)) total += value * ${number + 1}`,
      '  }',
      '  return total',
      '}',
      '',
    ].join('\n'),
  )
  return `const ${name}Retries = 3\n\n${functions.join('\n')}\n// ${name} ends here\n`
}
