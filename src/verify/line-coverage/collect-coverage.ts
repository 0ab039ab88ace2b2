import { posix } from 'node:path'
import type { AskedCoverage } from '../runners/instrument.ts'
import type { CoverageFormat, CoverageText } from './read-coverage.ts'

/** The most that is read of the coverage of one check. */
export const MAX_COVERAGE_BYTES = 16 * 1024 * 1024
/** Of more than these, some would be missing. */
const MAX_FOUND = 200
/** With those that were asked for. */
const MAX_SECTIONS = 2_000

/** A search that takes longer finds nothing: what else is collected must not wait for it. */
const FIND_SECONDS = 10

/** What tools for coverage write unasked: names of files, as `find -name` takes them. */
const FOUND = {
  lcov: ['lcov.info', '*.lcov'],
  istanbul: ['coverage-final.json'],
  simplecov: ['.resultset.json'],
  go: ['coverage.out', 'cover.out', 'c.out', 'coverage.txt', 'profile.cov', '*.coverprofile'],
  xml: [
    'coverage.xml',
    'cobertura.xml',
    'cobertura-coverage.xml',
    'coverage.cobertura.xml',
    'clover.xml',
    'jacoco.xml',
    'jacocoTestReport.xml',
  ],
} satisfies Record<CoverageFormat, readonly string[]>
/** A file for each process. */
const NYC = '/.nyc_output/'

interface CollectedFrom {
  /** Absolute path where the reports of this run are. */
  readonly folder: string
  /** A file that was written before the run. */
  readonly start: string
  readonly asked: readonly AskedCoverage[]
}

/**
 * Bash that prints what was asked for, and the files of the workspace that the run itself wrote: neither their content nor
 * their place may be older.
 */
export function coverageScript({ folder, start, asked }: CollectedFrom): string {
  const mine = asked.map(({ pattern }, index) => `  covered 'asked ${index}' ${pattern}`)
  const names = Object.values(FOUND).flatMap((some) => some.map((name) => `-name '${name}'`))
  const isNew = `-type f -newer ${start} -cnewer ${start} ! -path '*[[:cntrl:]]*'`
  const list = `${folder}/found`
  const found = `timeout ${FIND_SECONDS} find . \\( -name node_modules -o -name .git \\) -prune -o ${isNew} \\( ${names.join(' -o ')} -o -path '*${NYC}*.json' \\) -print0 >${list}`
  return `covered() {
  title=$1
  shift
  for file; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then printf '\\n%s %s\\n' '${boundary(folder)}' "$title"; cat -- "$file"; fi
  done
}
printf '\\n%s\\n' '${boundary(folder)}'
{
${mine.join('\n')}
  ${found}
  [ $? -ne 124 ] || : >${list}
  head -z -n ${MAX_FOUND + 1} ${list} | while IFS= read -r -d '' file; do covered "found $file" "$file"; done
} 2>/dev/null | head -c ${MAX_COVERAGE_BYTES + 1}
`
}

/**
 * Takes what `coverageScript` printed off the end of a text.
 *
 * @returns no texts if they are too large together, or too many: a part of them would say that the rest was not run.
 */
export function collectCoverage(
  printed: string,
  { folder, asked }: Pick<CollectedFrom, 'folder' | 'asked'>,
): { readonly before: string; readonly texts: readonly CoverageText[] } {
  const mark = `\n${boundary(folder)}\n`
  const start = printed.indexOf(mark)
  if (start === -1) return { before: printed, texts: [] }
  const before = printed.slice(0, start)
  const rest = printed.slice(start + mark.length)
  if (Buffer.byteLength(rest) > MAX_COVERAGE_BYTES) return { before, texts: [] }
  // Tests can write the line as often as they like.
  const [, ...sections] = `\n${rest}`.split(`\n${boundary(folder)} `, MAX_SECTIONS + 2)
  if (sections.length > MAX_SECTIONS) return { before, texts: [] }
  const texts = sections.flatMap((section) => textOf(section, asked))
  const isAsked = ({ path }: CoverageText) => path === undefined
  const count = texts.filter((text) => !isAsked(text)).length
  return { before, texts: count > MAX_FOUND ? texts.filter(isAsked) : texts }
}

function textOf(section: string, asked: readonly AskedCoverage[]): readonly CoverageText[] {
  const end = section.indexOf('\n')
  const [kind = '', ...rest] = section.slice(0, end).split(' ')
  const [place, text] = [rest.join(' '), section.slice(end + 1)]
  if (kind === 'asked') {
    const own = asked.find((_, index) => String(index) === place)
    return own === undefined ? [] : [{ format: own.format, text, folder: own.folder }]
  }
  const format = formatOf(place)
  return format === undefined ? [] : [{ format, text, path: place.replace(/^\.\//, '') }]
}

function formatOf(path: string): CoverageFormat | undefined {
  if (path.includes(NYC)) return 'istanbul'
  const name = posix.basename(path)
  const isMeant = (pattern: string) =>
    pattern.startsWith('*') ? name.endsWith(pattern.slice(1)) : name === pattern
  return FORMATS.find((format) => FOUND[format].some(isMeant))
}

const FORMATS = ['lcov', 'istanbul', 'simplecov', 'go', 'xml'] as const satisfies readonly CoverageFormat[]

/** Not the folder's name itself, which reports may hold. */
function boundary(folder: string): string {
  return `=== ${folder.slice(-16)} coverage ===`
}
