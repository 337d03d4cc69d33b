"""funding of projects

Revision ID: funding
Revises: pauses
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'funding'
down_revision = 'pauses'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('funding_application',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hub_id', sa.Integer(), nullable=False),
    sa.Column('once', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('framework_id', sa.Integer(), nullable=False),
    sa.Column('serves', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=False),
    sa.Column('created_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('submitted_by_id', sa.Integer(), nullable=True),
    sa.Column('submitted_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('needed', sa.Integer(), nullable=False),
    sa.Column('due_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reminded_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('escalated_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('escalated_unit_id', sa.Integer(), nullable=True),
    sa.Column('verdict', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('valid_until', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('begun_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closing_reminded_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.Integer(), nullable=True),
    sa.Column('closing', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint("state <> 'approved' OR (decided_at IS NOT NULL AND valid_until IS NOT NULL)", name=op.f('ck_funding_application_yes')),
    sa.CheckConstraint('amount_fen >= 0', name=op.f('ck_funding_application_amount')),
    sa.CheckConstraint('starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on', name=op.f('ck_funding_application_period')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['person.id'], name=op.f('fk_funding_application_closed_by_id')),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_funding_application_created_by_id')),
    sa.ForeignKeyConstraint(['escalated_unit_id'], ['unit.id'], name=op.f('fk_funding_application_escalated_unit_id')),
    sa.ForeignKeyConstraint(['framework_id'], ['framework_version.id'], name=op.f('fk_funding_application_framework_id')),
    sa.ForeignKeyConstraint(['hub_id'], ['hub.id'], name=op.f('fk_funding_application_hub_id')),
    sa.ForeignKeyConstraint(['submitted_by_id'], ['person.id'], name=op.f('fk_funding_application_submitted_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_funding_application')),
    sa.UniqueConstraint('hub_id', 'once', name=op.f('uq_funding_application_hub_id_once'))
    )
    with op.batch_alter_table('funding_application', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_funding_application_due_at'), ['due_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_funding_application_hub_id'), ['hub_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_funding_application_state'), ['state'], unique=False)

    op.create_table('funding_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('category', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount_fen', sa.Integer(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('amount_fen > 0', name=op.f('ck_funding_line_amount')),
    sa.ForeignKeyConstraint(['application_id'], ['funding_application.id'], name=op.f('fk_funding_line_application_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_funding_line')),
    sa.UniqueConstraint('application_id', 'place', name=op.f('uq_funding_line_application_id_place'))
    )
    with op.batch_alter_table('funding_line', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_funding_line_application_id'), ['application_id'], unique=False)

    op.create_table('funding_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['funding_application.id'], name=op.f('fk_funding_version_application_id')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_funding_version_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_funding_version')),
    sa.UniqueConstraint('application_id', 'number', name=op.f('uq_funding_version_application_id_number'))
    )
    with op.batch_alter_table('funding_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_funding_version_application_id'), ['application_id'], unique=False)

    op.create_table('funding_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('verdict', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("verdict = 'approve' OR reason <> ''", name=op.f('ck_funding_answer_reason')),
    sa.CheckConstraint("verdict IN ('approve', 'return', 'reject')", name=op.f('ck_funding_answer_verdict')),
    sa.ForeignKeyConstraint(['application_id'], ['funding_application.id'], name=op.f('fk_funding_answer_application_id')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_funding_answer_by_id')),
    sa.ForeignKeyConstraint(['version_id'], ['funding_version.id'], name=op.f('fk_funding_answer_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_funding_answer')),
    sa.UniqueConstraint('version_id', 'by_id', name=op.f('uq_funding_answer_version_id_by_id'))
    )
    with op.batch_alter_table('funding_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_funding_answer_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_funding_answer_version_id'), ['version_id'], unique=False)

    op.create_table('funding_expense',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('once', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('line_id', sa.Integer(), nullable=False),
    sa.Column('amount_fen', sa.Integer(), nullable=False),
    sa.Column('spent_on', sa.Date(), nullable=False),
    sa.Column('what', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('corrects_id', sa.Integer(), nullable=True),
    sa.Column('receipt_name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('receipt_kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('receipt_size', sa.Integer(), nullable=False),
    sa.Column('receipt_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(amount_fen < 0) = (corrects_id IS NOT NULL)', name=op.f('ck_funding_expense_correction')),
    sa.CheckConstraint('amount_fen <> 0', name=op.f('ck_funding_expense_amount')),
    sa.ForeignKeyConstraint(['application_id'], ['funding_application.id'], name=op.f('fk_funding_expense_application_id')),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_funding_expense_by_id')),
    sa.ForeignKeyConstraint(['corrects_id'], ['funding_expense.id'], name=op.f('fk_funding_expense_corrects_id')),
    sa.ForeignKeyConstraint(['line_id'], ['funding_line.id'], name=op.f('fk_funding_expense_line_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_funding_expense')),
    sa.UniqueConstraint('application_id', 'once', name=op.f('uq_funding_expense_application_id_once')),
    sa.UniqueConstraint('corrects_id', name=op.f('uq_funding_expense_corrects_id'))
    )
    with op.batch_alter_table('funding_expense', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_funding_expense_application_id'), ['application_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_funding_expense_line_id'), ['line_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('funding_expense', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_funding_expense_line_id'))
        batch_op.drop_index(batch_op.f('ix_funding_expense_application_id'))

    op.drop_table('funding_expense')
    with op.batch_alter_table('funding_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_funding_answer_version_id'))
        batch_op.drop_index(batch_op.f('ix_funding_answer_application_id'))

    op.drop_table('funding_answer')
    with op.batch_alter_table('funding_version', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_funding_version_application_id'))

    op.drop_table('funding_version')
    with op.batch_alter_table('funding_line', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_funding_line_application_id'))

    op.drop_table('funding_line')
    with op.batch_alter_table('funding_application', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_funding_application_state'))
        batch_op.drop_index(batch_op.f('ix_funding_application_hub_id'))
        batch_op.drop_index(batch_op.f('ix_funding_application_due_at'))

    op.drop_table('funding_application')
