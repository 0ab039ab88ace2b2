/** What tests and documentation show, and code of others: no project of the repository, though it has manifests. */
const OTHERS =
  /(?:^|\/)(?:__fixtures__|fixtures?|testdata|test-data|test_data|__snapshots__|snapshots|_?templates?(?:-[\w-]+)?|tmpl|vendor|third_party|node_modules)\//

/** Beside the product: checked if a change reaches them, and not before each run. */
const BESIDE =
  /(?:^|\/)(?:(?:\w+-)*(?:docs?|website|site)|documentation|docker|www|tutorials?|bench|perf|fuzz|(?:\w+-)*e2e(?:-\w+)*|selenium|_[\w-]+|__tests__|[Ii]ntegration(?:[-_]?[Tt]ests?)?|specs?|\.[\w-]+|[\w-]*(?:example|sample|demo|playground|benchmark|tests?)s?(?:[_-][\w-]*)?)(?:\/|$)/

/** @param path of a file. */
export function isOthers(path: string): boolean {
  return OTHERS.test(path)
}

/** @param folder without a slash at its end. */
export function isBeside(folder: string): boolean {
  return BESIDE.test(folder)
}

/** A folder of tests holds packages that its tests use. */
export function isInTests(folder: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|specs?|e2e)(?:\/|$)/.test(folder)
}
