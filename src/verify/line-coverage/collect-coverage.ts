import { posix } from 'node:path'
import type { AskedCoverage } from '../runners/report-wishes.ts'
import type { CoverageFormat, CoverageText } from './read-coverage.ts'

/** The most bytes of coverage that are read for one check. */
export const MAX_COVERAGE_BYTES = 16 * 1024 * 1024
/** The most reports that a search may find; with more, some would be missing. */
const MAX_FOUND = 200
/** The most reports in total, with those that were asked for. */
const MAX_SECTIONS = 2_000

/** A longer search counts as having found nothing, because other reports must not wait for it. */
const FIND_SECONDS = 10

/** Reports that coverage tools write unasked, as patterns for `find -name`. */
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
/** Folder in which nyc writes a file for each process. */
const NYC = '/.nyc_output/'

interface CollectedFrom {
  /** Absolute path of the folder with the reports of this run. */
  readonly folder: string
  /** A file that was written before the run, to compare times with. */
  readonly start: string
  readonly asked: readonly AskedCoverage[]
}

/**
 * Bash that prints the reports that were asked for, and those in the workspace that the run itself wrote: both their
 * contents and their inodes must be newer than its start.
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
 * Splits the output of `coverageScript` off the end of a text.
 *
 * @returns no texts if they are too large or too many, since a part of them would make the rest look as if it never ran.
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
  // Limited, because tests can print the line as often as they like.
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

/** The line before a report. It has only the end of the folder's name, since reports may contain the whole name. */
function boundary(folder: string): string {
  return `=== ${folder.slice(-16)} coverage ===`
}
