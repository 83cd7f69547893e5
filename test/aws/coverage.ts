import type { AwsService } from '../../broker/api/aws/operation.ts'
import { awsServices } from '../../broker/api/aws/services.ts'
import type { Member } from '../../broker/wire/aws-shape.ts'

/** docs/aws/coverage.md, from the tables the broker itself works by. */
export function coverage(): string {
  return `# AWS operations

Made from the tables in \`broker/api\` by \`npm run coverage\`; a test fails when it is stale. What differs from AWS behind these operations is in
[differences.md](differences.md). A member in bold is required.

${awsServices.map(section).join('\n')}`
}

function section(service: AwsService): string {
  const protocols = [
    ...(service.json === undefined ? [] : [`JSON ${service.json}`]),
    ...(service.cbor ? ['CBOR 1.1'] : []),
    ...(service.query === undefined ? [] : [`Query ${service.query.version}`]),
    ...(service.rest ? ['REST JSON'] : []),
  ]
  const operations = [...service.operations].sort((a, b) => (a.name < b.name ? -1 : 1))
  const rows = operations.map(
    ({ name, input }) => `| ${name} | ${Object.entries(input).map(memberText).join(', ') || '-'} |`,
  )
  const absent = service.absent.length === 0 ? 'None.' : `${service.absent.join(', ')}.`
  return `## ${service.name}

${operations.length} operations, by ${protocols.join(', ')}.

| operation | takes |
|---|---|
${rows.join('\n')}

Not here: ${absent}
`
}

function memberText([name, member]: [string, Member]): string {
  return member.required ? `**${name}**` : name
}
