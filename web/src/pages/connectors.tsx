import { useEffect } from 'preact/hooks';
import type { ConnectorsAnswer, OptionSchema, OptionsSchema } from '../api/types';
import { valueText } from '../lib/format';
import { useLoad } from '../lib/load';
import { Badge, Card, Empty, Foreign, Loading, Notice, Table } from '../ui/basics';

function kindOf(option: OptionSchema): string {
  if (option.writeOnly) return 'secret';
  if (option.enum) return option.enum.map(valueText).join(' | ');
  return option.type ?? 'any';
}

function OptionsTable({ schema, label }: { schema: OptionsSchema; label: string }) {
  const options = Object.entries(schema.properties ?? {});
  if (options.length === 0) return <p class="faint">No options.</p>;
  return (
    <Table label={label}>
      <thead><tr><th scope="col">Option</th><th scope="col">Type</th><th scope="col">Default</th><th scope="col">Meaning</th></tr></thead>
      <tbody>
        {options.map(([name, option]) => (
          <tr key={name}>
            <th scope="row"><code>{name}</code>{schema.required?.includes(name) && <span class="sub">required</span>}</th>
            <td data-label="Type"><Foreign text={kindOf(option)} most={80} /></td>
            <td data-label="Default">{option.default === undefined ? <span class="faint">–</span> : <code>{valueText(option.default)}</code>}</td>
            <td data-label="Meaning"><Foreign text={option.description ?? ''} most={300} />{option.examples && option.examples.length > 0 && <span class="sub">such as <code><Foreign text={valueText(option.examples[0])} most={80} /></code></span>}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

export function ConnectorsPage() {
  const { data, error } = useLoad<ConnectorsAnswer>('connectors');
  useEffect(() => { document.title = 'Connectors · Sluice'; }, []);
  return (
    <>
      <div class="page-head"><h1>Connectors</h1></div>
      {error && <Notice tone="bad">{error}</Notice>}
      {data?.problems.map((line) => <Notice key={line} tone="bad"><Foreign text={line} most={400} /></Notice>)}
      {!data ? !error && <Loading /> : data.connectors.length === 0 ? <Empty title="No connector is installed" /> : data.connectors.map((connector) => (
        <Card key={connector.id} title={connector.title} actions={<>{connector.roles.map((role) => <Badge key={role} tone="calm">{role}</Badge>)}<span class="faint">{connector.id} {connector.version}</span></>}>
          <OptionsTable schema={connector.config as OptionsSchema} label={`Options of ${connector.title}`} />
          {Object.entries(connector.read ?? {}).map(([stream, schema]) => <details key={stream}><summary>Options of reading <code>{stream}</code></summary><OptionsTable schema={schema as OptionsSchema} label={`Options of reading ${stream}`} /></details>)}
          {Object.entries(connector.write ?? {}).map(([object, schema]) => <details key={object}><summary>Options of writing <code>{object}</code></summary><OptionsTable schema={schema as OptionsSchema} label={`Options of writing ${object}`} /></details>)}
        </Card>
      ))}
    </>
  );
}
