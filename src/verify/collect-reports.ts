import { MAX_REPORT_BYTES } from './reports/read-report.ts'
import type { WantedReport } from './runners/report-wishes.ts'

/**
 * Awk that removes the parts of JUnit's XML that say nothing about results and are often most of it: output of tests,
 * properties of suites, names that contain a whole input. A record is the text after a `<`.
 */
const SHORTEN = `BEGIN { RS = "<"; ORS = "" }
NR == 1 { print; next }
inside { end = index($0, "]]>"); if (end) { inside = 0; print substr($0, end) }; next }
/^!\\[CDATA\\[/ {
  print "<![CDATA["
  end = index($0, "]]>")
  if (end) print substr($0, end); else inside = 1
  next
}
/^property .*\\/>[ \\t\\r\\n]*$/ { next }
length($0) <= 1000 { print "<" $0; next }
{
  parts = split($0, part, "\\"")
  for (i = 1; i <= parts; i++) {
    if (length(part[i]) > 2000) { part[i] = substr(part[i], 1, 2000); sub(/&[^;]*$/, "", part[i]) }
    print (i == 1 ? "<" : "\\"") part[i]
  }
}`

/** The most files of one report. A build with more modules is read in part, and the names of its other tests are missing. */
const MAX_FILES = 2_000

/** A file that is written before the tests start; newer files were written by them. */
export const START = 'start'

/** Bash that creates the folder and its files, to run before the command. */
export function prepareReports(folder: string, files: Readonly<Record<string, string>>): string {
  const written = Object.entries(files).map(
    ([path, text]) => `printf %s ${Buffer.from(text).toString('base64')} | base64 -d >${path}`,
  )
  return `${[`mkdir -m 700 ${folder}`, `: >${folder}/${START}`, ...written, nextTick(folder)].join('\n')}\n`
}

/**
 * Bash that waits until a new file is newer than `START`. File times advance in steps, of 4 ms on most systems, and a
 * faster command would write files with the same time.
 */
function nextTick(folder: string): string {
  const tick = `${folder}/tick`
  // A full disk ends the loop as well.
  const isSame = `{ : >${tick}; } 2>/dev/null && [ ! ${tick} -nt ${folder}/${START} ] && [ "$SECONDS" -le 2 ]`
  return `while ${isSame}; do :; done\nrm -f ${tick}`
}

/**
 * A script that prints the files of all reports, each after a line with its number, and removes them. Tests that know the
 * line could forge a report, but they could write a false report anyway.
 */
export function collectScript(
  folder: string,
  reports: readonly WantedReport[],
  /** Bash that prints more after the reports. */
  more = '',
): string {
  const parts = reports.map(
    ({ source, format }, index) =>
      `  { ${showSource(source, { folder, index })}; } | ${format === 'junit' ? 'shorten' : 'cat'}`,
  )
  return `shorten() { if command -v awk >/dev/null; then LC_ALL=C awk '${SHORTEN}'; else cat; fi; }
show() {
  index=$1
  shift
  for file; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then printf '\\n%s %s\\n' '${boundary(folder)}' "$index"; cat -- "$file"; fi
  done
}
{
${parts.length === 0 ? '  :' : parts.join('\n')}
} | head -c ${MAX_REPORT_BYTES + 1}
${more}rm -rf ${folder}
exit 0
`
}

function showSource(
  source: WantedReport['source'],
  { folder, index }: { readonly folder: string; readonly index: number },
): string {
  switch (source.kind) {
    case 'output':
      return ':'
    case 'files':
      return `show ${index} ${source.pattern}`
    case 'newer': {
      const paths = source.patterns.map((pattern) => `-path '${pattern}'`).join(' -o ')
      const roots = ['.', ...(source.outside ?? [])].join(' ')
      const found = `find ${roots} \\( -name node_modules -o -name .git \\) -prune -o -type f -newer ${folder}/${START} \\( ${paths} \\) -print0`
      return `${found} | head -z -n ${MAX_FILES} | while IFS= read -r -d '' file; do show ${index} "$file"; done`
    }
  }
}

/**
 * Splits what `collectScript` printed.
 *
 * @returns the texts of each report, in the order of `reports`; none for a report that was not written. If the reports of
 * a check are too large together, each is one text that is too large.
 */
export function collectReports(
  folder: string,
  {
    printed,
    collected = '',
    reports,
  }: {
    readonly printed: string
    readonly collected?: string | undefined
    readonly reports: readonly WantedReport[]
  },
): readonly (readonly string[])[] {
  const texts = new Map<number, string[]>()
  // Limited, because tests can print the line as often as they like.
  const [, ...sections] = collected.split(`\n${boundary(folder)} `, MAX_FILES + 1)
  for (const section of sections) {
    const lineEnd = section.indexOf('\n')
    const index = Number(section.slice(0, lineEnd))
    const own = texts.get(index) ?? []
    texts.set(index, own)
    own.push(section.slice(lineEnd + 1))
  }
  return reports.map(({ source }, index) => {
    if (source.kind === 'output') return [printed]
    const own = texts.get(index) ?? []
    return Buffer.byteLength(collected) > MAX_REPORT_BYTES && own.length > 0 ? [collected] : own
  })
}

/** The line before a report. It has only the end of the folder's name, since reports may contain the whole name. */
function boundary(folder: string): string {
  return `=== ${folder.slice(-16)} end of report ===`
}
