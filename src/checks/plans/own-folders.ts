/** Folders of fixtures, templates and code of others. They are no projects of the repository, even with manifests. */
const OTHERS =
  /(?:^|\/)(?:__fixtures__|(?:_|tests?[-_])?fixtures?|tests?[-_]?(?:data|projects?|packages?|resources|inputs?|outputs?|workspaces?|crates)|tests?[-_](?:files|dirs)|\w+_SUITE_data|sbt-test|PackageTests|src\/test\/resources|__snapshots__|snapshots|_?templates?(?:-[\w-]+)?|tmpl|vendor|third_party|node_modules)\//i

/** Folders beside the product, which are checked only if a change reaches them. */
const BESIDE =
  /(?:^|\/)(?:(?:\w+-)*(?:docs?|website|site)|documentation|docker|www|tutorials?|bench|perf|fuzz|(?:\w+-)*e2e(?:-\w+)*|selenium|_[\w-]+|__tests__|[Ii]ntegration(?:[-_]?[Tt]ests?)?|specs?|\.[\w-]+|[\w-]*(?:example|sample|demo|playground|benchmark|tests?)s?(?:[_-][\w-]*)?)(?:\/|$)/

/** Whether a file is a fixture, a template or code of others. @param path relative to the root. */
export function isOthers(path: string): boolean {
  return OTHERS.test(path)
}

/** Whether a folder is beside the product: documentation, examples, benchmarks, tests. @param folder without a slash at its end. */
export function isBeside(folder: string): boolean {
  return BESIDE.test(folder)
}

/** Whether a folder is one of tests, or inside one: packages there are usually for the tests. */
export function isInTests(folder: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|specs?|e2e)(?:\/|$)/.test(folder)
}

const OF_TESTS =
  /(?:^|\/)(?:\w*(?:tests?|specs?|checks?|suite)|t)(?:\/|\.\w+$|$)|[_.]tests?\.\w+$|-tests?\.(?!lua)\w+$|(?:^|\/)test[_-]|_spec\.\w+$|check\w*\.c/i

/** Whether a path among these is named like a test. */
export function looksTested(files: Iterable<string>): boolean {
  for (const file of files) if (OF_TESTS.test(file)) return true
  return false
}
