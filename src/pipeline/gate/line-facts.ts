import {
  lineFacts,
  type ManifestFact,
  type ReadFacts,
  readHosts,
  readSources,
  sourcesIn,
} from './manifest-facts.ts'

/** Facts of a requirements file of pip: flags that name an index, and requirements that are addresses. */
export const readRequirements = lineFacts((line) => {
  const flag = /^\s*(-(?:i|f|e)\b|--[a-z-]+)[\s=]*(.*)$/.exec(line)
  // `-e .[extras]` installs the project itself.
  const isOwn = flag?.[1] === '-e' && /^\.(?:\[[\w\s,-]*\])?\s*$/.test(flag[2] ?? '')
  const flagged = flag === null || isOwn ? [] : [{ key: `flag/${flag[1]}`, value: flag[2] ?? '' }]
  return line.trim().startsWith('#') ? [] : [...flagged, ...sourcesIn(line)]
})

/** Modules that `go.mod` or `go.work` replaces, as facts `replace/<module>`. */
export const readGoMod = lineFacts((line) => {
  const replaced = /^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(\S+)/.exec(line)
  // Another version of the same module comes from the same place.
  return replaced === null || (replaced[1] === replaced[2] && /\s=>\s+\S+\s+v\S+\s*(?:\/\/.*)?$/.test(line))
    ? []
    : [{ key: `replace/${replaced[1]}`, value: replaced[2] ?? '' }]
})

/** Ruby that a Gemfile, which is a program, rarely needs just to name gems. */
const RUNS_RUBY =
  /`|%x|\b(?:system|exec|eval|\w{0,20}_eval|eval_gemfile|spawn|fork|popen3?|syscall|send|const_get|define_method|load|require\b(?!:\s?false\b)|git_source|IO|Kernel|Process|Net|Socket|Open3)\b|\b(?:File|URI|Dir)\s?\.\s?(?!join|exist|expand_path|read|basename|dirname)/

/** Facts of a Gemfile: the sources of its gems, and as `code` the lines that do more than name gems. */
export const readGemfile = lineFacts((line) => {
  const said = line.trim()
  if (said.startsWith('#')) return []
  const place = /\b(?:git|github|gist|bitbucket)(?::|\s?=>)\s?['"]([^'"]*)/.exec(said)?.[1]
  const places =
    place === undefined || place.includes('://') ? sourcesIn(said) : [{ key: 'source', value: place }]
  return RUNS_RUBY.test(said) ? [...places, { key: 'code', value: said }] : places
})

/** Calls that run text as a program, so that a changed text is a changed program. */
const RUNS_TEXT =
  /\b(?:exec|eval|compile|getattr|__import__|import_module|system|popen|run|call|check_\w{1,20}|spawn\w{0,5})\(/

/** Arguments of `setup()` that only describe a package, in texts and numbers, and the imports of setuptools. */
const DESCRIBES =
  /\b(?:install_requires|setup_requires|tests_require|extras_require|python_requires|classifiers|version|name|url|download_url|project_urls|license|license_files|author|author_email|maintainer|maintainer_email|description|long_description_content_type|keywords|platforms|zip_safe|include_package_data|package_data|package_dir|packages|namespace_packages|py_modules)\s*=\s*(?:(?:[\s,:[\]{}()]|"(?:[^"\\\n]|\\.){0,500}"|'(?:[^'\\\n]|\\.){0,500}'|#[^\n]{0,500}|\b(?:True|False|None|find_packages|find_namespace_packages)\b|\b\d[\d.]{0,20}){1,2000}|version\b,?)|^\s*from\s+(?:setuptools|distutils)[\w.]{0,60}\s+import\s+[\w, ]{1,200}$/gm

/**
 * Facts of a `setup.py`: its program without strings, numbers and comments, so that new versions and names change nothing.
 * If the program may run text as code, strings that do not describe the package count, too.
 */
export const readSetupPy: ReadFacts = (text) => {
  const program = text.replace(DESCRIBES, '')
  const skeleton = squeezed(withoutPythonStrings(program))
  const code = {
    key: 'code',
    value: RUNS_TEXT.test(skeleton) ? squeezed(program).replaceAll("'", '"') : skeleton,
  }
  const direct = (line: string) => (/@\s?[^\s@]{1,20}:\/\/|git\+/.test(line) ? sourcesIn(line) : [])
  return [code, ...text.split('\n').flatMap(direct)]
}

function squeezed(program: string): string {
  return program.replace(/\b\d[\d.]*|[\s,]+/g, '')
}

function withoutPythonStrings(text: string): string {
  const kept: string[] = []
  let from = 0
  const openers = /'''|"""|'|"|#/g
  for (let opener = openers.exec(text); opener !== null; opener = openers.exec(text)) {
    kept.push(text.slice(from, opener.index))
    from = endOfString(text, openers.lastIndex, opener[0])
    openers.lastIndex = from
  }
  return [...kept, text.slice(from)].join('')
}

function endOfString(text: string, start: number, opener: string): number {
  const isLong = opener.length === 3
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\n' && !isLong) return at
    if (text[at] === '\\' && opener !== '#') at++
    else if (opener !== '#' && text.startsWith(opener, at)) return at + opener.length
  }
  return text.length
}

/** Sources in manifests that also hold addresses of home pages, which are skipped. */
export const readPlaces = lineFacts((line) =>
  /\b(?:git|github|url|source|path)\b/.test(line) &&
  !/home_?page|source_url|documentation|^(?:repository|issue_tracker):/i.test(line)
    ? sourcesIn(line)
    : [],
)

/** Maven plug-ins that run programs which the project chooses. */
const RUNS_PROGRAMS = /<artifactId>\s*((?:exec|gmaven|gmavenplus|groovy)-maven-plugin|maven-antrun-plugin)/

/** Facts of a `pom.xml`: its repositories, and plug-ins that run programs. All other addresses are for people. */
export const readPom: ReadFacts = (text) => {
  let isInRepository = false
  const tags = /<(\/?)(?:pluginRepository|repository|snapshotRepository)>|<url>([^<]*)/g
  return lineFacts((line) => {
    const plugin = RUNS_PROGRAMS.exec(line)?.[1]
    const sources = [...line.matchAll(tags)].flatMap(([, closing, url]) => {
      if (url === undefined) isInRepository = closing === ''
      return url !== undefined && isInRepository ? sourcesIn(url) : []
    })
    return plugin === undefined ? sources : [...sources, { key: 'code', value: plugin }]
  })(text)
}

/** The hosts of packages in a `composer.lock`. Each package has its own repository there, and other addresses are for people. */
export const readComposerLock: ReadFacts = (text) => {
  let isPackage = false
  return lineFacts((line) => {
    if (/^\s*"(?:source|dist)": \{/.test(line)) isPackage = true
    const address = isPackage ? /"url": "([^"]*)"/.exec(line)?.[1] : undefined
    if (/^\s*\},?$/.test(line)) isPackage = false
    return address === undefined ? [] : (readHosts(address.replaceAll('\\/', '/')) ?? [])
  })(text)
}

/** Makes a reader whose facts `line` are the lines that match. */
export function factsOfLines(what: RegExp): ReadFacts {
  return lineFacts((line) => (what.test(line) ? [{ key: 'line', value: line.trim() }] : []))
}

/** Takes the whole file as one fact `code`, so that every change of it counts. */
export function readWhole(text: string): readonly ManifestFact[] {
  return [{ key: 'code', value: text }]
}

/** Matches comments, and calls that link the documentation of another project. */
const NO_SOURCE = /^\s*(?:\/\/|\*|#|options\.links\(\s*"[^"]{1,300}"\s*\)\s*$)/

/** The sources that a build program names outside of its comments and of links to documentation. */
export const readBuildSources: ReadFacts = (text) =>
  // With continued lines, part of a string may look like a comment.
  text.includes('\\\n')
    ? readSources(text)
    : lineFacts((line) => (NO_SOURCE.test(line) ? [] : sourcesIn(line)))(text)
