/** A command of CI as a sandbox runs it: without reports, and in its checking form. */
export interface PlainForm {
  readonly command: string
  /** Whether it tests all that there is, not one package or case. */
  readonly isWhole: boolean
  /** Of two whole ones, the higher tests more. */
  readonly width: number
}

/** `zig build test-a` is one of the steps of `zig build test`. */
export function ofOneStep(form: PlainForm | undefined): PlainForm | undefined {
  return form && { ...form, isWhole: form.isWhole && !/ test-\w/.test(form.command) }
}

/** One project of a solution is a part of it. */
export function withoutProject(form: PlainForm | undefined): PlainForm | undefined {
  const isPart = form?.command
    .split(' ')
    .slice(2)
    .some((word) => /^[\w./-]+$/.test(word) && /[/]|proj$/.test(word) && !/\.slnx?$/.test(word))
  return form && { ...form, isWhole: form.isWhole && isPart !== true }
}

/** Files and folders below the usual one choose some of the tests. */
export function withoutPaths(form: PlainForm | undefined): PlainForm | undefined {
  const isPart = form?.command
    .split(' ')
    .slice(1)
    .some((word) => /^[\w.]+\/[\w./*-]+$/.test(word) && !/^(?:vendor\/bin|bin)\//.test(word))
  return form && { ...form, isWhole: form.isWhole && isPart !== true }
}

/** One file of tests. */
export function withoutFiles(form: PlainForm | undefined): PlainForm | undefined {
  return form && { ...form, isWhole: form.isWhole && !/ \S+\.t(?: |$)/.test(form.command) }
}

/** `cabal test a` is one package of those of `cabal test all`. */
export function ofOnePackage(form: PlainForm | undefined): PlainForm | undefined {
  if (form === undefined) return undefined
  const command = form.command.replace(/ --(?:builddir|test-options)[= ]\S+/g, '')
  const names = command
    .split(' ')
    .slice(1)
    .filter((word) => /^\w/.test(word) && !/^(?:(?:v2-|new-)?test|all|exe|lib)$/.test(word))
  return { ...form, command, isWhole: form.isWhole && names.length === 0 }
}

/** Aliases and selectors of Clojure for what is not the tests of the sources on the virtual machine. */
const OF_CLOJURE =
  /(?:^|[ :-])(?:regression|integration|native|graal|cljs|browser|e2e|perf|bench|generative|slow|adv|lint|eastwood|only)\b|\bcljs\b/

/** `clojure -X:test:regression` is a part of the tests. `clj` is `clojure` for people at a terminal. */
export function ofAllAliases(form: PlainForm | undefined): PlainForm | undefined {
  if (form === undefined) return undefined
  const command = form.command.replace(/^clj /, 'clojure ')
  const named = command
    .replace(/ --skip-meta \S+/g, '')
    .split(' ')
    .filter((word) => /^[\w:-]/.test(word) && !word.includes('/'))
  return { ...form, command, isWhole: form.isWhole && !OF_CLOJURE.test(named.join(' ')) }
}

/** Trees of packages are one part of several if another command of CI tests other trees. */
export function withoutSplitTrees<Form extends PlainForm>(forms: readonly Form[]): readonly Form[] {
  const treesOf = ({ command }: PlainForm) =>
    command.split(' ').filter((word) => /^\.\/[\w./-]+\/\.\.\.$/.test(word))
  return forms.map((form) => {
    const own = treesOf(form)
    const isPart = own.length > 0 && forms.some((other) => treesOf(other).some((tree) => !own.includes(tree)))
    return isPart ? { ...form, isWhole: false } : form
  })
}

/** `rake parser:test` and `rake test:bench` are parts where CI runs `rake test`, too. */
export function withoutNamespaces<Form extends PlainForm>(forms: readonly Form[]): readonly Form[] {
  const all = new Set(forms.map(({ command }) => command))
  return forms.map((form) => {
    const [, start, task = ''] = /^((?:bundle exec )?(?:bin\/)?rake )(\w+(?::\w+)+)$/.exec(form.command) ?? []
    const isPart = task.split(':').some((name) => all.has(`${start}${name}`))
    return isPart ? { ...form, isWhole: false } : form
  })
}

/** Of the suites of PHPUnit, that of units is what runs without a browser. */
export function ofUnits(form: PlainForm | undefined): PlainForm | undefined {
  return form && { ...form, isWhole: form.isWhole || / --testsuite[= ]units?(?: |$)/i.test(form.command) }
}
