COPY (
  SELECT customer.email AS email,
         customer.first_name AS "firstName",
         customer.last_name AS "lastName",
         customer.phone AS phone,
         customer.company AS "Company",
         customer.id AS "Customer ID",
         customer.billing_address.state AS "State",
         customer.billing_address.country AS "Country",
         subscription.mrr / 100 AS "MRR",
         subscription.id AS "Subscription ID",
         subscription.plan_code AS "Plan code",
         subscription.plan_name AS "Plan name",
         strftime(make_timestamp(subscription.created_at * 1000000), '%Y-%m-%d') AS "Subscription created at",
         subscription.status AS "Subscription status",
         strftime(make_timestamp(subscription.trial_end * 1000000), '%Y-%m-%d') AS "Trial end",
         coalesce(subscription.cancel_reason, subscription.cancel_reason_code) AS "Cancellation reason",
         strftime(make_timestamp(subscription.current_term_start * 1000000), '%Y-%m-%d') AS "Current term start",
         strftime(make_timestamp(coalesce(subscription.current_term_end, subscription.next_billing_at) * 1000000),
                  '%Y-%m-%d') AS "Current term end"
  FROM read_ndjson('{input}', columns = {{
    customer: 'STRUCT(id VARCHAR, email VARCHAR, first_name VARCHAR, last_name VARCHAR, phone VARCHAR, company VARCHAR, billing_address STRUCT(state VARCHAR, country VARCHAR))',
    subscription: 'STRUCT(id VARCHAR, mrr BIGINT, plan_code VARCHAR, plan_name VARCHAR, created_at BIGINT, status VARCHAR, trial_end BIGINT, cancel_reason VARCHAR, cancel_reason_code VARCHAR, current_term_start BIGINT, current_term_end BIGINT, next_billing_at BIGINT)'
  }})
) TO '{output}' (FORMAT json);
