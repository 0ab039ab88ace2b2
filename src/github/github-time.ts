/**
 * What GitHub's clock said when it answered. Times that GitHub gives are compared with this one: a clock of ours
 * that is wrong would lose comments or take old ones for new.
 */
export function githubTime(
  { headers }: { readonly headers: { readonly date?: string | undefined } },
  now: () => Date = () => new Date(),
): Date {
  const date = new Date(headers.date ?? '')
  return Number.isNaN(date.getTime()) ? now() : date
}
