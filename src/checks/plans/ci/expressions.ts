import { unmaskExpressions } from './masked-expressions.ts'

/** The values of `matrix.python`, `env.NAME` and `inputs.name`, by these names in lower case. */
export type Values = ReadonlyMap<string, string>

const MOST_PARTS = 8
/** What a build folder beside the workspace starts with. Its place makes no difference, so it counts as one inside. */
const BESIDE =
  /\$\{\{\s{0,9}runner\.(?:workspace|temp)\s{0,9}\}\}(?=[\\/](?:_?(?:\w{1,20}_)?build|bld|out)[\w-]{0,40}(?:["'\s/]|$))/g

/** Replaces `${{ matrix.x }}` by its value. An unknown expression stays, so that its line does not count as a plain command. */
export function substitute(text: string, values: Values): string {
  return text
    .slice(0, 64 * 1024)
    .replace(BESIDE, '/.')
    .replace(/\$\{\{((?:[^{}]|\{\d\}){0,300})\}\}/g, (whole, expression: string) => {
      return substituted(expression, values) ?? whole
    })
}

/** The value of an expression; of `a || b`, the first that is not empty; undefined if it is unknown. */
function substituted(expression: string, values: Values): string | undefined {
  for (const part of expression.split('||').slice(0, MOST_PARTS)) {
    const value = conditional(part, values)
    if (value !== '') return value
  }
  return ''
}

/** The value of `matrix.tls && '--use-tls'`: the last operand if the others hold, empty if one does not. */
function conditional(part: string, values: Values): string | undefined {
  const atoms = part.split('&&')
  const conditions = atoms.slice(0, -1).map((atom) => holds(atom, new Map([...KNOWN, ...values])))
  if (conditions.includes(false)) return ''
  return conditions.includes(undefined) ? undefined : operand((atoms.at(-1) ?? '').trim(), values)
}

function operand(text: string, values: Values): string | undefined {
  const literal = /^'([^']*)'$|^(\d[\d.]*)$/.exec(text)
  if (literal !== null) return literal[1] ?? literal[2]
  const [, pattern, rest] = /^format\(\s{0,9}'([^']*)'\s{0,9},(.*)\)$/.exec(text) ?? []
  if (pattern !== undefined) {
    const inserted = (rest ?? '').split(',').map((one) => operand(one.trim(), values))
    return inserted.includes(undefined)
      ? undefined
      : pattern.replace(/\{(\d)\}/g, (_, index: string) => inserted[Number(index)] ?? '')
  }
  const name = text.toLowerCase()
  const [, scope] = /^(matrix|inputs)\.[\w.-]+$/.exec(name) ?? []
  // A name that a matrix or a call leaves out is empty. If the matrix is computed, the value is unknown.
  if (scope !== undefined) return values.get(name) ?? (values.has(scope) ? '' : undefined)
  if (name === 'github.workspace') return '/.'
  return values.get(name) ?? (name.startsWith('runner.') ? KNOWN.get(name) : undefined)
}

/** Values that hold for a pull request on Linux. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ['runner.os', 'Linux'],
  ['runner.arch', 'X64'],
  ['github.event_name', 'pull_request'],
  ['github.ref', 'refs/pull/1/merge'],
  ['github.ref_type', 'branch'],
])

/** Whether a job or a step may run for a change on Linux; true if its condition is not understood. */
export function mayRun(condition: unknown, values: Values): boolean {
  if (condition === false) return false
  if (typeof condition !== 'string' || condition.length > 600) return true
  const known: Values = new Map([...KNOWN, ...values])
  const bare = unmaskExpressions(condition).replace(/\$\{\{|\}\}/g, ' ')
  return bare.split('||').some((clause) => clause.split('&&').every((atom) => holds(atom, known) !== false))
}

/** Whether a number is on one side of another one; undefined if one of them is no number. */
function ordered(value: number, operator: string, wanted: number): boolean | undefined {
  if (Number.isNaN(value - wanted)) return undefined
  if (operator.endsWith('=') && value === wanted) return true
  return operator.startsWith('<') ? value < wanted : value > wanted
}

/** Whether a condition holds; undefined if it is not understood. */
function holds(atom: string, values: Values): boolean | undefined {
  const text = atom.replace(/\s+/g, ' ').trim()
  const bare = text.replace(/^\((?!.*\).*\()(.*)\)$/, '$1').replace(/^[( ]+/, '')
  if (/^(?:failure|cancelled)\(\)/.test(bare)) return false
  const compared = /^([\w.-]+) ?([!=]=|[<>]=?) ?(?:'([^']*)'|(\d[\d.]*))[) ]*$/.exec(bare)
  if (compared !== null) {
    const [, name = '', operator = '', quoted, number = ''] = compared
    const wanted = quoted ?? number
    const value = operand(name, values)
    if (value === undefined) return undefined
    if (/^[<>]/.test(operator)) return ordered(Number(value), operator, Number(wanted))
    return (value.toLowerCase() === wanted.toLowerCase()) === (operator === '==')
  }
  const called = /^(!?) ?(startsWith|endsWith|contains)\( ?([\w.-]+) ?, ?'([^']*)' ?\)/.exec(bare)
  if (called !== null) {
    const [, not, name = '', inside = '', wanted = ''] = called
    const value = operand(inside, values)?.toLowerCase()
    if (value === undefined) return undefined
    const [part, all] = [wanted.toLowerCase(), name]
    const holds =
      all === 'contains'
        ? value.includes(part)
        : all === 'startsWith'
          ? value.startsWith(part)
          : value.endsWith(part)
    return holds === (not === '')
  }
  const [, not, named] = /^(!{0,2}) ?((?:matrix|inputs)\.[\w.-]+)$/.exec(bare) ?? []
  const value = named === undefined ? undefined : operand(named, values)
  if (value === undefined) return undefined
  const isTrue = value !== '' && value !== 'false' && value !== '0'
  return isTrue === (not !== '!')
}
