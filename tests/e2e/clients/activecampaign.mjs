// Runs the published client `active-campaign-api-node`, unmodified, against the ActiveCampaign sandbox.
//
//   node activecampaign.mjs PATH_OF_THE_SANDBOX_PROGRAM
//
// Exit codes: 0 all as expected; 1 not; 77 the npm packages are not installed.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

import { control, startSandbox } from './sandbox.mjs';

const require = createRequire(import.meta.url);

let ActiveCampaign;
let ContactTag;
try {
  ActiveCampaign = require('active-campaign-api-node');
  ContactTag = require('active-campaign-api-node/src/api/contacts/tag');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
  console.log('skipped: npm packages are not installed; run `npm ci` in tests/e2e/clients');
  process.exit(77);
}

// What the client throws for an answer that is no success.
async function refusal(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error.response, `an answer was expected: ${error.message}`);
    return error.response;
  }
  throw new Error('a refusal was expected');
}

async function dumped(url, email) {
  const dump = await control(url, 'dump');
  return dump.contacts.find((contact) => contact.email === email);
}

async function upsertsContacts({ api, url }) {
  const me = await api.users.user.retrieveLoggedIn();
  assert.equal(me.data.user.id, '1');
  const contact = { email: 'jane+doe@example.com', firstName: 'Jane', lastName: 'Doe', phone: '7223224241' };
  const created = await api.contacts.contact.createOrUpdate({ contact });
  assert.equal(created.status, 201);
  const { id } = created.data.contact;
  const updated = await api.contacts.contact.createOrUpdate({
    contact: { email: 'JANE+doe@example.com', fieldValues: [{ field: '1', value: 'Gold' }] },
  });
  assert.equal(updated.status, 200);
  assert.equal(updated.data.contact.id, id);
  assert.equal(updated.data.fieldValues.length, 1);
  const duplicate = await refusal(api.contacts.contact.create({ contact }));
  assert.equal(duplicate.status, 422);
  assert.equal(duplicate.data.errors[0].code, 'duplicate');
  const renamed = await api.contacts.contact.update(id, { contact: { lastName: 'Roe' } });
  assert.equal(renamed.data.contact.firstName, 'Jane');
  const one = await api.contacts.contact.retrieve(id);
  assert.equal(one.data.contact.lastName, 'Roe');
  assert.equal(one.data.fieldValues[0].value, 'Gold');
  const found = await api.contacts.contact.listAll({ email: 'jane+doe@example.com' });
  assert.equal(found.data.meta.total, '1');
  assert.equal((await dumped(url, 'jane+doe@example.com')).fields['Plan tier'], 'Gold');
}

async function walksPages({ api }) {
  const seen = new Set();
  for (let offset = 0; ; offset += 100) {
    const page = await api.contacts.contact.listAll({ limit: 100, offset, 'orders[email]': 'ASC' });
    page.data.contacts.forEach((contact) => seen.add(contact.id));
    if (page.data.contacts.length < 100) break;
  }
  const { data } = await api.contacts.contact.listAll({ 'orders[id]': 'DESC', limit: 1 });
  assert.equal(String(seen.size), data.meta.total);
  assert.ok(seen.size > 250);
}

async function subscribesAndTags({ api, url }) {
  const { data } = await api.contacts.contact.create({ contact: { email: 'sub@example.com' } });
  const contact = data.contact.id;
  const lists = await api.lists.list.listAll({ 'filters[name]': 'Customers' });
  const list = lists.data.lists[0].id;
  const change = (status) => api.contacts.contact.updateListStatus({ contactList: { list, contact, status } });
  assert.equal((await change(1)).data.contactList.status, 1);
  assert.equal((await change(2)).data.contactList.status, 2);
  assert.equal((await refusal(change(9))).status, 422);
  const tag = await api.tags.tag.create({ tag: { tag: 'vip', tagType: 'contact', description: '' } });
  assert.equal(tag.status, 201);
  const contactTags = new ContactTag(api);
  const added = await contactTags.addTagToContact({ contactTag: { contact, tag: tag.data.tag.id } });
  assert.deepEqual((await dumped(url, 'sub@example.com')).tags, ['vip']);
  await contactTags.removeTagFromContact(added.data.contactTag.id);
  const again = await refusal(contactTags.removeTagFromContact(added.data.contactTag.id));
  assert.equal(again.status, 404);
  const state = await dumped(url, 'sub@example.com');
  assert.deepEqual(state.tags, []);
  assert.deepEqual(state.lists, { Customers: 2 });
  await api.contacts.contact.delete(contact);
  assert.equal(await dumped(url, 'sub@example.com'), undefined);
}

async function definesFields({ api }) {
  const made = await api.contacts.customField.create({ field: { title: 'Renewal date', type: 'dropdown' } });
  assert.equal(made.status, 201);
  const { id } = made.data.field;
  await api.contacts.customField.createRelationshipToList({ fieldRel: { field: id, relid: 0 } });
  await api.contacts.customField.createOptions({
    fieldOptions: [{ orderid: '1', value: 'a', label: 'A', isdefault: false, field: id }],
  });
  const fields = await api.contacts.customField.listAll({ limit: 100 });
  assert.ok(fields.data.fields.some((field) => field.id === id && field.perstag === 'RENEWAL_DATE'));
  assert.equal(fields.data.fieldOptions.filter((option) => option.field === id).length, 1);
  const { data } = await api.contacts.contact.create({ contact: { email: 'field@example.com' } });
  const fieldValue = { contact: data.contact.id, field: id, value: 'a' };
  const value = await api.contacts.customFieldsValue.createCustomFieldValue({ fieldValue });
  assert.equal(value.data.fieldValue.value, 'a');
  await api.contacts.customFieldsValue.deleteCustomFieldValue(value.data.fieldValue.id);
  const missing = await refusal(api.contacts.customFieldsValue.retrieveCustomFieldValue(value.data.fieldValue.id));
  assert.equal(missing.status, 403);
}

async function importsInBulk({ api, url }) {
  const contacts = Array.from({ length: 250 }, (_, n) => ({
    email: `bulk${n}@example.com`,
    first_name: `N${n}`,
    tags: ['imported'],
    fields: [{ id: 1, value: 'Silver' }],
    subscribe: [{ listid: 1 }],
  }));
  const queued = await api.contacts.contact.bulkImport({ contacts });
  assert.equal(queued.data.success, 1);
  assert.equal(queued.data.queued_contacts, 250);
  const refused = await refusal(api.contacts.contact.bulkImport({ contacts: [{ email: 'nope' }] }));
  assert.equal(refused.data.failureReasons[0].contact, 1);
  // The client has no call for a batch's status; the state shows when it is done.
  for (let tries = 0; !(await dumped(url, 'bulk249@example.com')); ++tries) {
    assert.ok(tries < 200, 'the batch is imported');
    await sleep(50);
  }
  const last = await dumped(url, 'bulk249@example.com');
  assert.deepEqual(last.lists, { Customers: 1 });
  assert.deepEqual(last.tags, ['imported']);
  assert.deepEqual(last.fields, { 'Plan tier': 'Silver' });
}

async function refusesAWrongKey({ url }) {
  const stranger = new ActiveCampaign({ apiUrl: url, apiKey: 'wrong' });
  const refused = await refusal(stranger.users.user.retrieveLoggedIn());
  assert.equal(refused.status, 403);
  assert.equal(refused.headers['content-type'], undefined);
}

const sandbox = await startSandbox(process.argv[2], '--contacts', '250', '--field', 'Plan tier:text');
try {
  const api = new ActiveCampaign({ apiUrl: sandbox.url, apiKey: 'sandbox-key' });
  for (const part of [upsertsContacts, walksPages, subscribesAndTags, definesFields, importsInBulk, refusesAWrongKey]) {
    await part({ api, url: sandbox.url });
    console.log(`ok ${part.name}`);
  }
} finally {
  await sandbox.stop();
}
