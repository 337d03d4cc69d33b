"""commitments of hubs

Revision ID: commitments
Revises: 0001
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'commitments'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    
    op.create_table('commitment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hub_id', sa.Integer(), nullable=False),
    sa.Column('cycle_id', sa.Integer(), nullable=False),
    sa.Column('indicator', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('points', sa.Float(), nullable=False),
    sa.Column('baseline', sa.Float(), nullable=False),
    sa.Column('target', sa.Float(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('plan', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('evidence', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('repeats', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('opened_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('progress', sa.Float(), nullable=True),
    sa.Column('progress_note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('progress_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('result', sa.Float(), nullable=True),
    sa.Column('result_note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reported_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reported_by_id', sa.Integer(), nullable=True),
    sa.Column('confirmed_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('confirmed_by_id', sa.Integer(), nullable=True),
    sa.Column('fulfilment', sa.Float(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reminded_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('escalated_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('escalated_unit_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('baseline <> target', name=op.f('ck_commitment_target')),
    sa.CheckConstraint('confirmed_by_id IS NULL OR confirmed_by_id <> reported_by_id', name=op.f('ck_commitment_somebody_else')),
    sa.CheckConstraint('fulfilment IS NULL OR fulfilment BETWEEN 0 AND 1', name=op.f('ck_commitment_fulfilment')),
    sa.ForeignKeyConstraint(['confirmed_by_id'], ['person.id'], name=op.f('fk_commitment_confirmed_by_id')),
    sa.ForeignKeyConstraint(['cycle_id'], ['cycle.id'], name=op.f('fk_commitment_cycle_id')),
    sa.ForeignKeyConstraint(['escalated_unit_id'], ['unit.id'], name=op.f('fk_commitment_escalated_unit_id')),
    sa.ForeignKeyConstraint(['hub_id'], ['hub.id'], name=op.f('fk_commitment_hub_id')),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_commitment_owner_id')),
    sa.ForeignKeyConstraint(['reported_by_id'], ['person.id'], name=op.f('fk_commitment_reported_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commitment')),
    sa.UniqueConstraint('hub_id', 'cycle_id', 'indicator', name=op.f('uq_commitment_hub_id_cycle_id_indicator'))
    )
    with op.batch_alter_table('commitment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_commitment_cycle_id'), ['cycle_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_commitment_due_on'), ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_commitment_hub_id'), ['hub_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_commitment_state'), ['state'], unique=False)

    with op.batch_alter_table('cycle', schema=None) as batch_op:
        batch_op.add_column(sa.Column('commit_below', sa.Float(), nullable=False, server_default='0.5'))
        batch_op.add_column(sa.Column('objection_days', sa.Integer(), nullable=False, server_default='10'))



def downgrade() -> None:
    
    with op.batch_alter_table('cycle', schema=None) as batch_op:
        batch_op.drop_column('objection_days')
        batch_op.drop_column('commit_below')

    with op.batch_alter_table('commitment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_commitment_state'))
        batch_op.drop_index(batch_op.f('ix_commitment_hub_id'))
        batch_op.drop_index(batch_op.f('ix_commitment_due_on'))
        batch_op.drop_index(batch_op.f('ix_commitment_cycle_id'))

    op.drop_table('commitment')
