"""the hours ledger apart from the plan

Revision ID: hours_ledger
Revises: flexible_work
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.base


revision = 'hours_ledger'
down_revision = 'flexible_work'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hours_claim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('hub_id', sa.Integer(), nullable=False),
    sa.Column('served_on', sa.Date(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('category', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('what', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', models.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decided_at', models.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.CheckConstraint('minutes > 0', name=op.f('ck_hours_claim_minutes')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_hours_claim_person_id')),
    sa.ForeignKeyConstraint(['hub_id'], ['hub.id'], name=op.f('fk_hours_claim_hub_id')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_hours_claim_asked_by_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_hours_claim_decided_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hours_claim')),
    )
    with op.batch_alter_table('hours_claim', schema=None) as batch_op:
        batch_op.create_index('ix_hours_claim_person_id', ['person_id'], unique=False)
        batch_op.create_index('ix_hours_claim_hub_id', ['hub_id'], unique=False)
        batch_op.create_index('ix_hours_claim_state', ['state'], unique=False)

    op.add_column('hours_entry', sa.Column('hub_id', sa.Integer(), nullable=True))
    op.execute('UPDATE hours_entry SET hub_id = (SELECT hub_id FROM activity WHERE activity.id = hours_entry.activity_id)')
    with op.batch_alter_table('hours_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('claim_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('corrects_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('category', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default='activity'))
        batch_op.add_column(sa.Column('counts', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.alter_column('hub_id', existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column('attendance_id', existing_type=sa.Integer(), nullable=True)
        batch_op.alter_column('activity_id', existing_type=sa.Integer(), nullable=True)
        batch_op.create_foreign_key(op.f('fk_hours_entry_hub_id'), 'hub', ['hub_id'], ['id'])
        batch_op.create_foreign_key(op.f('fk_hours_entry_claim_id'), 'hours_claim', ['claim_id'], ['id'])
        batch_op.create_foreign_key(op.f('fk_hours_entry_corrects_id'), 'hours_entry', ['corrects_id'], ['id'])
        batch_op.create_unique_constraint(op.f('uq_hours_entry_claim_id'), ['claim_id'])
        batch_op.create_check_constraint(op.f('ck_hours_entry_has_ground'), 'attendance_id IS NOT NULL OR claim_id IS NOT NULL OR corrects_id IS NOT NULL')
        batch_op.create_index('ix_hours_entry_hub_id', ['hub_id'], unique=False)
        batch_op.create_index('ix_hours_entry_corrects_id', ['corrects_id'], unique=False)


def downgrade() -> None:
    # What has no activity does not fit into the old table.
    op.execute('DELETE FROM hours_entry WHERE attendance_id IS NULL OR activity_id IS NULL')
    with op.batch_alter_table('hours_entry', schema=None) as batch_op:
        batch_op.drop_index('ix_hours_entry_corrects_id')
        batch_op.drop_index('ix_hours_entry_hub_id')
        batch_op.drop_constraint(op.f('ck_hours_entry_has_ground'), type_='check')
        batch_op.drop_constraint(op.f('uq_hours_entry_claim_id'), type_='unique')
        batch_op.drop_constraint(op.f('fk_hours_entry_corrects_id'), type_='foreignkey')
        batch_op.drop_constraint(op.f('fk_hours_entry_claim_id'), type_='foreignkey')
        batch_op.drop_constraint(op.f('fk_hours_entry_hub_id'), type_='foreignkey')
        batch_op.alter_column('activity_id', existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column('attendance_id', existing_type=sa.Integer(), nullable=False)
        for column in ('counts', 'category', 'corrects_id', 'claim_id', 'hub_id'):
            batch_op.drop_column(column)

    with op.batch_alter_table('hours_claim', schema=None) as batch_op:
        batch_op.drop_index('ix_hours_claim_state')
        batch_op.drop_index('ix_hours_claim_hub_id')
        batch_op.drop_index('ix_hours_claim_person_id')

    op.drop_table('hours_claim')
