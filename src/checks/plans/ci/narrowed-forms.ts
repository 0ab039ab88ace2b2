/** A command of CI as a sandbox runs it: without reports, and in its checking form. */
export interface PlainForm {
  readonly command: string
  /** Whether it tests everything, not only one package or case. */
  readonly isWhole: boolean
  /** A rank: of two whole forms, the one with the larger width tests more. */
  readonly width: number
}

/** Marks a form such as `zig build test-a` as a part of `zig build test`. */
export function ofOneStep(form: PlainForm | undefined): PlainForm | undefined {
  return form && { ...form, isWhole: form.isWhole && !/ test-\w/.test(form.command) }
}

/** Marks a form that tests one project of a solution as a part. */
export function withoutProject(form: PlainForm | undefined): PlainForm | undefined {
  const isPart = form?.command
    .split(' ')
    .slice(2)
    .some((word) => /^[\w./-]+$/.test(word) && /[/]|proj$/.test(word) && !/\.slnx?$/.test(word))
  return form && { ...form, isWhole: form.isWhole && isPart !== true }
}

/** Marks a form with paths as a part, since they select some of the tests. */
export function withoutPaths(form: PlainForm | undefined): PlainForm | undefined {
  const isPart = form?.command
    .split(' ')
    .slice(1)
    .some((word) => /^[\w.]+\/[\w./*-]+$/.test(word) && !/^(?:vendor\/bin|bin)\//.test(word))
  return form && { ...form, isWhole: form.isWhole && isPart !== true }
}

/** Marks a form that runs single `.t` files of Perl as a part. */
export function withoutFiles(form: PlainForm | undefined): PlainForm | undefined {
  return form && { ...form, isWhole: form.isWhole && !/ \S+\.t(?: |$)/.test(form.command) }
}

/** Marks a form such as `cabal test a` as a part of `cabal test all`. */
export function ofOnePackage(form: PlainForm | undefined): PlainForm | undefined {
  if (form === undefined) return undefined
  const command = form.command.replace(/ --(?:builddir|test-options)[= ]\S+/g, '')
  const names = command
    .split(' ')
    .slice(1)
    .filter((word) => /^\w/.test(word) && !/^(?:(?:v2-|new-)?test|all|exe|lib)$/.test(word))
  return { ...form, command, isWhole: form.isWhole && names.length === 0 }
}

/** Aliases and selectors of Clojure for things other than the usual tests on the JVM. */
const OF_CLOJURE =
  /(?:^|[ :-])(?:regression|integration|native|graal|cljs|browser|e2e|perf|bench|generative|slow|adv|lint|eastwood|only)\b|\bcljs\b/

/** Marks a form such as `clojure -X:test:regression` as a part. `clj` becomes `clojure`, which needs no terminal. */
export function ofAllAliases(form: PlainForm | undefined): PlainForm | undefined {
  if (form === undefined) return undefined
  const command = form.command.replace(/^clj /, 'clojure ')
  const named = command
    .replace(/ --skip-meta \S+/g, '')
    .split(' ')
    .filter((word) => /^[\w:-]/.test(word) && !word.includes('/'))
  return { ...form, command, isWhole: form.isWhole && !OF_CLOJURE.test(named.join(' ')) }
}

/** Marks forms that test a tree of Go packages, `./a/...`, as parts if another form tests other trees. */
export function withoutSplitTrees<Form extends PlainForm>(forms: readonly Form[]): readonly Form[] {
  const treesOf = ({ command }: PlainForm) =>
    command.split(' ').filter((word) => /^\.\/[\w./-]+\/\.\.\.$/.test(word))
  return forms.map((form) => {
    const own = treesOf(form)
    const isPart = own.length > 0 && forms.some((other) => treesOf(other).some((tree) => !own.includes(tree)))
    return isPart ? { ...form, isWhole: false } : form
  })
}

/** Marks forms such as `rake parser:test` as parts if CI also runs `rake test`, and `rake assets:check` beside any tests. */
export function withoutNamespaces<Form extends PlainForm>(forms: readonly Form[]): readonly Form[] {
  const all = new Set(forms.map(({ command }) => command))
  const isTested = forms.some(({ command }) => /\brake(?: (?:tests?|specs?))?$|\brspec\b/.test(command))
  return forms.map((form) => {
    const [, start, task = ''] = /^((?:bundle exec )?(?:bin\/)?rake )(\w+(?::\w+)+)$/.exec(form.command) ?? []
    const isPart =
      task.split(':').some((name) => all.has(`${start}${name}`)) || (isTested && task.endsWith(':check'))
    return isPart ? { ...form, isWhole: false } : form
  })
}

/** Marks a form that runs PHPUnit's suite of units as whole, since other suites may need a browser. */
export function ofUnits(form: PlainForm | undefined): PlainForm | undefined {
  return form && { ...form, isWhole: form.isWhole || / --testsuite[= ]units?(?: |$)/i.test(form.command) }
}
